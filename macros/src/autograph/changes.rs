//! Which variables from outside a piece of code may change.

use std::collections::BTreeSet;

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{
    Arm, Block, Expr, ExprAssign, ExprBinary, ExprCall, ExprClosure, ExprForLoop, ExprIf, ExprMethodCall,
    ExprReference, ExprWhile, Item, Local, Macro, Pat,
};

use crate::autograph::place::Place;
use crate::autograph::scope::{Access, Scopes, names};
use crate::pieces::is;

/// Methods that only look, though the variable is `mut`.
const READING: [&str; 22] = [
    "len",
    "is_empty",
    "iter",
    "clone",
    "get",
    "first",
    "last",
    "contains",
    "contains_key",
    "as_ref",
    "as_str",
    "as_slice",
    "to_vec",
    "to_owned",
    "to_string",
    "is_some",
    "is_none",
    "shape",
    "dtype",
    "rank",
    "dim",
    "keys",
];

/// The places outside that the blocks and expressions may change, in the order of their first change.
pub fn of(scopes: &Scopes, blocks: &[&Block], expressions: &[&Expr]) -> Vec<Place> {
    let mut finder = Finder { scopes, found: Vec::new(), inner: Vec::new() };
    for block in blocks {
        finder.visit_block(block);
    }
    for expression in expressions {
        finder.visit_expr(expression);
    }
    let mut places: Vec<Place> = Vec::new();
    for place in finder.found {
        if !places.iter().any(|known| known.holds(&place)) {
            places.retain(|known| !place.holds(known));
            places.push(place);
        }
    }
    places
}

struct Finder<'s> {
    scopes: &'s Scopes,
    found: Vec<Place>,
    /// The names that mean something inside.
    inner: Vec<BTreeSet<String>>,
}

impl Finder<'_> {
    fn scope(&mut self, pattern: Option<&Pat>, visit: impl FnOnce(&mut Self)) {
        self.inner.push(BTreeSet::new());
        if let Some(pattern) = pattern {
            self.bind(pattern);
        }
        visit(self);
        self.inner.pop();
    }

    fn bind(&mut self, pattern: &Pat) {
        let Some(scope) = self.inner.last_mut() else { return };
        names(pattern, &mut |ident, _, _| {
            scope.insert(ident.to_string());
        });
    }

    fn change(&mut self, target: &Expr, assigned: bool) {
        match target {
            Expr::Tuple(tuple) => tuple.elems.iter().for_each(|part| self.change(part, assigned)),
            Expr::Array(array) => array.elems.iter().for_each(|part| self.change(part, assigned)),
            Expr::Struct(fields) => fields.fields.iter().for_each(|field| self.change(&field.expr, assigned)),
            Expr::Call(call) if assigned => call.args.iter().for_each(|part| self.change(part, assigned)),
            target => {
                if let Some(place) = Place::of(target) {
                    self.add(place, assigned);
                }
            }
        }
    }

    fn add(&mut self, mut place: Place, assigned: bool) {
        let root = place.root.to_string();
        if self.inner.iter().any(|scope| scope.contains(&root)) {
            return;
        }
        let Some((_, local)) = self.scopes.find(&place.root) else { return };
        if local.access == Access::Fixed && !assigned {
            return;
        }
        if local.access == Access::Exclusive && place.fields.is_empty() {
            place.dereferenced = true;
        }
        self.found.push(place);
    }

    /// Variables that the tokens of a macro seem to assign or to lend.
    fn tokens(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        for (at, token) in tokens.iter().enumerate() {
            match token {
                TokenTree::Group(group) => self.tokens(group.stream()),
                TokenTree::Ident(ident) => {
                    let lent =
                        at.checked_sub(2).and_then(|from| tokens.get(from..at)).is_some_and(|before| {
                            is(&before[0], '&')
                                && matches!(&before[1], TokenTree::Ident(word) if word == "mut")
                        });
                    let rest: String = tokens.iter().skip(at + 1).take(2).map(ToString::to_string).collect();
                    let compound = rest.len() == 2
                        && rest.ends_with('=')
                        && rest.starts_with(['+', '-', '*', '/', '%', '&', '|', '^']);
                    let assigned =
                        rest.starts_with('=') && !rest.starts_with("==") && !rest.starts_with("=>");
                    if lent || compound || assigned {
                        let place = Place { root: ident.clone(), dereferenced: false, fields: Vec::new() };
                        self.add(place, false);
                    }
                }
                _ => {}
            }
        }
    }
}

impl<'ast> Visit<'ast> for Finder<'_> {
    fn visit_block(&mut self, node: &'ast Block) {
        self.scope(None, |this| visit::visit_block(this, node));
    }

    fn visit_local(&mut self, node: &'ast Local) {
        if let Some(init) = &node.init {
            self.visit_expr(&init.expr);
            if let Some((_, diverge)) = &init.diverge {
                self.visit_expr(diverge);
            }
        }
        self.bind(&node.pat);
    }

    fn visit_arm(&mut self, node: &'ast Arm) {
        self.scope(Some(&node.pat), |this| visit::visit_arm(this, node));
    }

    fn visit_expr_closure(&mut self, node: &'ast ExprClosure) {
        self.scope(None, |this| {
            node.inputs.iter().for_each(|input| this.bind(input));
            this.visit_expr(&node.body);
        });
    }

    fn visit_expr_for_loop(&mut self, node: &'ast ExprForLoop) {
        self.visit_expr(&node.expr);
        self.scope(Some(&node.pat), |this| this.visit_block(&node.body));
    }

    fn visit_expr_if(&mut self, node: &'ast ExprIf) {
        // What `if let` binds means something in the first branch only.
        self.scope(None, |this| {
            this.visit_expr(&node.cond);
            this.visit_block(&node.then_branch);
        });
        if let Some((_, otherwise)) = &node.else_branch {
            self.visit_expr(otherwise);
        }
    }

    fn visit_expr_while(&mut self, node: &'ast ExprWhile) {
        self.scope(None, |this| visit::visit_expr_while(this, node));
    }

    fn visit_expr_let(&mut self, node: &'ast syn::ExprLet) {
        self.visit_expr(&node.expr);
        self.bind(&node.pat);
    }

    fn visit_expr_assign(&mut self, node: &'ast ExprAssign) {
        self.change(&node.left, true);
        visit::visit_expr_assign(self, node);
    }

    fn visit_expr_binary(&mut self, node: &'ast ExprBinary) {
        if crate::autograph::rewrite::is_compound(&node.op) {
            self.change(&node.left, true);
        }
        visit::visit_expr_binary(self, node);
    }

    fn visit_expr_reference(&mut self, node: &'ast ExprReference) {
        if node.mutability.is_some() {
            self.change(&node.expr, true);
        }
        visit::visit_expr_reference(self, node);
    }

    fn visit_expr_method_call(&mut self, node: &'ast ExprMethodCall) {
        if !READING.contains(&node.method.to_string().as_str()) {
            self.change(&node.receiver, false);
        }
        visit::visit_expr_method_call(self, node);
    }

    fn visit_expr_call(&mut self, node: &'ast ExprCall) {
        if matches!(&*node.func, Expr::Path(path) if path.path.get_ident().is_some()) {
            self.change(&node.func, false);
        }
        visit::visit_expr_call(self, node);
    }

    fn visit_macro(&mut self, node: &'ast Macro) {
        self.tokens(node.tokens.clone());
    }

    fn visit_item(&mut self, _: &'ast Item) {}
}

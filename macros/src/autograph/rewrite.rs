//! The walk over a body.

use proc_macro2::TokenStream;
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::visit_mut::{self, VisitMut};
use syn::{
    BinOp, Block, Expr, ExprBinary, ExprForLoop, ExprIf, ExprMatch, ExprWhile, Item, Local, Macro, Pat,
    Signature, Stmt, Token, Type, UnOp, parse_quote,
};

use crate::autograph::place::{Place, variable};
use crate::autograph::scope::{Binding, Scopes};
use crate::autograph::{changes, emit, escapes};

/// What is done to a body.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Everything that a tensor may decide becomes a part of the graph.
    Graph,
    /// Only the conditions are checked to be no tensors.
    Check,
}

/// Rewrites the body of a function.
pub fn rewrite(signature: &Signature, body: &mut Block, mode: Mode, private: &TokenStream) {
    let mut rewriter = Rewriter { private, mode, scopes: Scopes::default(), boundary: 0, changed: false };
    rewriter.scopes.enter();
    rewriter.scopes.parameters(signature);
    rewriter.visit_block_mut(body);
    if rewriter.changed {
        body.stmts.insert(0, emit::traits(private));
    }
}

struct Rewriter<'p> {
    private: &'p TokenStream,
    mode: Mode,
    scopes: Scopes,
    /// Locals before this number come from outside of the innermost branch that is recorded.
    boundary: usize,
    /// Something was wrapped, so that the traits are needed.
    changed: bool,
}

/// `+=` and the like.
pub fn is_compound(op: &BinOp) -> bool {
    matches!(
        op,
        BinOp::AddAssign(_)
            | BinOp::SubAssign(_)
            | BinOp::MulAssign(_)
            | BinOp::DivAssign(_)
            | BinOp::RemAssign(_)
            | BinOp::BitXorAssign(_)
            | BinOp::BitAndAssign(_)
            | BinOp::BitOrAssign(_)
            | BinOp::ShlAssign(_)
            | BinOp::ShrAssign(_)
    )
}

/// Whether there is a `let` among the conditions.
fn has_let(condition: &Expr) -> bool {
    match condition {
        Expr::Let(_) => true,
        Expr::Binary(ExprBinary { left, op: BinOp::And(_), right, .. }) => has_let(left) || has_let(right),
        Expr::Group(group) => has_let(&group.expr),
        _ => false,
    }
}

/// Whether a block gives what it borrows, which lives in the place where the `if` stands.
fn lends(block: &Block) -> bool {
    match block.stmts.last() {
        Some(Stmt::Expr(tail, None)) => lends_expression(tail),
        _ => false,
    }
}

fn lends_expression(tail: &Expr) -> bool {
    match tail {
        Expr::Reference(_) => true,
        Expr::Paren(paren) => lends_expression(&paren.expr),
        Expr::Block(block) => lends(&block.block),
        Expr::If(inner) => {
            lends(&inner.then_branch)
                || inner.else_branch.as_ref().is_some_and(|(_, otherwise)| lends_expression(otherwise))
        }
        _ => false,
    }
}

impl Rewriter<'_> {
    fn graph(&self) -> bool {
        self.mode == Mode::Graph
    }

    /// An expression that is looked at, not moved.
    fn place(&mut self, expression: &mut Expr) {
        match expression {
            Expr::Path(_) => {}
            Expr::Paren(paren) => self.place(&mut paren.expr),
            Expr::Group(group) => self.place(&mut group.expr),
            other => self.visit_expr_mut(other),
        }
    }

    /// The left side of an assignment.
    fn target(&mut self, expression: &mut Expr) {
        match expression {
            Expr::Tuple(tuple) => tuple.elems.iter_mut().for_each(|part| self.target(part)),
            Expr::Array(array) => array.elems.iter_mut().for_each(|part| self.target(part)),
            Expr::Call(call) => call.args.iter_mut().for_each(|part| self.target(part)),
            Expr::Struct(fields) => fields.fields.iter_mut().for_each(|field| self.target(&mut field.expr)),
            Expr::Infer(_) | Expr::Range(_) => {}
            other => {
                self.place(other);
                if let Some(ident) = variable(other) {
                    let ident = ident.clone();
                    self.scopes.assign(&ident);
                }
            }
        }
    }

    /// Walks a part in which variables may be given their first value, and which may not run.
    fn perhaps(&mut self, visit: impl FnOnce(&mut Self)) {
        let before = self.scopes.assigned();
        visit(self);
        self.scopes.set_assigned(&before);
    }

    /// A comparison, so that it may be one of tensors.
    fn comparison(&mut self, expression: &mut Expr) {
        let Expr::Binary(binary) = expression else { return };
        self.place(&mut binary.left);
        self.place(&mut binary.right);
        if let Some(tokens) = emit::comparison(binary, self.private) {
            self.changed = true;
            *expression = Expr::Verbatim(tokens);
        }
    }

    /// An operand of `&&`, `||`, `!`, or a condition: looked at, and a `!` before a variable too.
    fn condition(&mut self, expression: &mut Expr) {
        match expression {
            Expr::Paren(paren) => self.condition(&mut paren.expr),
            Expr::Group(group) => self.condition(&mut group.expr),
            Expr::Unary(unary) if matches!(unary.op, UnOp::Not(_)) => {
                let is_place = Place::of(&unary.expr).is_some();
                self.condition(&mut unary.expr);
                if is_place && self.graph() {
                    self.changed = true;
                    *expression = Expr::Verbatim(emit::negation(unary, self.private));
                }
            }
            other => self.place(other),
        }
    }

    /// A condition that only a `bool` may be.
    fn plain(&mut self, expression: &mut Expr, check: emit::Check) {
        match expression {
            Expr::Paren(paren) => self.plain(&mut paren.expr, check),
            Expr::Group(group) => self.plain(&mut group.expr, check),
            Expr::Binary(binary) if matches!(binary.op, BinOp::And(_) | BinOp::Or(_)) => {
                self.plain(&mut binary.left, check);
                self.plain(&mut binary.right, check);
            }
            Expr::Unary(unary) if matches!(unary.op, UnOp::Not(_)) => self.plain(&mut unary.expr, check),
            Expr::Let(inner) => {
                self.place(&mut inner.expr);
                self.scopes.bind(&inner.pat, Binding::PART);
            }
            Expr::Lit(_) => {}
            other => {
                if matches!(other, Expr::Binary(binary) if emit::is_comparison(&binary.op)) {
                    self.comparison(other);
                } else {
                    self.place(other);
                }
                self.changed = true;
                *other = Expr::Verbatim(emit::check(other, check, self.private));
            }
        }
    }

    fn branch(&mut self, block: &mut Block, recorded: bool) {
        let outer = self.boundary;
        if recorded {
            self.boundary = self.scopes.len();
        }
        self.visit_block_mut(block);
        self.boundary = outer;
    }

    fn otherwise(&mut self, expression: &mut Expr, recorded: bool, value: bool) {
        let outer = self.boundary;
        if recorded {
            self.boundary = self.scopes.len();
        }
        match expression {
            Expr::If(inner) => {
                let value = value && inner.else_branch.is_some();
                if let Some(tokens) = self.choice(inner, value) {
                    *expression = Expr::Verbatim(tokens);
                }
            }
            other => self.visit_expr_mut(other),
        }
        self.boundary = outer;
    }

    /// An `if`; the tokens that it becomes, unless it stays one.
    fn choice(&mut self, node: &mut ExprIf, value: bool) -> Option<TokenStream> {
        let leaves = escapes::block(&node.then_branch)
            || node.else_branch.as_ref().is_some_and(|(_, otherwise)| escapes::expression(otherwise));
        let with_let = has_let(&node.cond);
        let lends = value
            && (lends(&node.then_branch)
                || node.else_branch.as_ref().is_some_and(|(_, otherwise)| lends_expression(otherwise)));
        let recorded = self.graph() && !leaves && !with_let && !lends;
        let changed = if recorded {
            let blocks: Vec<&Block> = vec![&node.then_branch];
            let others: Vec<&Expr> = node.else_branch.iter().map(|(_, otherwise)| &**otherwise).collect();
            changes::of(&self.scopes, &blocks, &others)
        } else {
            Vec::new()
        };
        self.scopes.enter();
        if recorded {
            self.condition(&mut node.cond);
        } else {
            let check = match (self.graph(), leaves) {
                (false, _) => emit::Check::Forgotten,
                (true, true) => emit::Check::Leaving,
                (true, false) => emit::Check::Part,
            };
            self.plain(&mut node.cond, check);
        }
        let before = self.scopes.assigned();
        self.branch(&mut node.then_branch, recorded);
        self.scopes.leave();
        let then = self.scopes.assigned();
        self.scopes.set_assigned(&before);
        if let Some((_, otherwise)) = &mut node.else_branch {
            self.otherwise(otherwise, recorded, value);
        }
        let assigned: Vec<bool> =
            self.scopes.assigned().into_iter().zip(then).map(|(left, right)| left && right).collect();
        self.scopes.set_assigned(&assigned);
        if !recorded {
            return None;
        }
        let had = |place: &Place| {
            let found = self.scopes.find(&place.root);
            found.is_none_or(|(at, _)| before.get(at).copied().unwrap_or(true))
        };
        let has = |place: &Place| self.scopes.find(&place.root).is_none_or(|(_, local)| local.assigned);
        let carried: Vec<Place> = changed.iter().filter(|place| had(place)).cloned().collect();
        let given: Vec<Place> = changed.iter().filter(|place| has(place)).cloned().collect();
        for place in given.iter().filter(|place| !had(place)) {
            if let Some((_, local)) = self.scopes.find(&place.root) {
                local.twice.set(true);
            }
        }
        self.changed = true;
        Some(emit::choice(node, value, &carried, &given, self.private))
    }

    /// A `while`; the tokens that it becomes, unless it stays one.
    fn repetition(&mut self, node: &mut ExprWhile) -> Option<TokenStream> {
        let leaves = escapes::block(&node.body) || escapes::expression(&node.cond);
        let recorded = self.graph() && !leaves && !has_let(&node.cond);
        let changed =
            if recorded { changes::of(&self.scopes, &[&node.body], &[&node.cond]) } else { Vec::new() };
        let before = self.scopes.assigned();
        self.scopes.enter();
        if recorded {
            self.condition(&mut node.cond);
        } else {
            let check = match (self.graph(), leaves) {
                (false, _) => emit::Check::Forgotten,
                (true, true) => emit::Check::Leaving,
                (true, false) => emit::Check::Part,
            };
            self.plain(&mut node.cond, check);
        }
        let outer = std::mem::take(&mut self.boundary);
        self.visit_block_mut(&mut node.body);
        self.boundary = outer;
        self.scopes.leave();
        self.scopes.set_assigned(&before);
        if !recorded {
            return None;
        }
        let carried = self.with_values(changed);
        self.changed = true;
        Some(emit::repetition(node, &carried, self.private))
    }

    /// A `for`; the tokens that it becomes, unless it stays one.
    fn iteration(&mut self, node: &mut ExprForLoop) -> Option<TokenStream> {
        let leaves = escapes::block(&node.body);
        let recorded = self.graph() && !leaves;
        let changed = if recorded { changes::of(&self.scopes, &[&node.body], &[]) } else { Vec::new() };
        self.visit_expr_mut(&mut node.expr);
        if self.graph() && leaves && !matches!(*node.expr, Expr::Range(_)) {
            self.changed = true;
            let checked = emit::check(&node.expr, emit::Check::Items, self.private);
            *node.expr = Expr::Verbatim(checked);
        }
        let before = self.scopes.assigned();
        self.scopes.enter();
        self.scopes.bind(&node.pat, Binding::PART);
        let outer = std::mem::take(&mut self.boundary);
        self.visit_block_mut(&mut node.body);
        self.boundary = outer;
        self.scopes.leave();
        self.scopes.set_assigned(&before);
        if !recorded {
            return None;
        }
        let carried = self.with_values(changed);
        self.changed = true;
        Some(emit::iteration(node, &carried, self.private))
    }

    /// The places whose variables have a value here.
    fn with_values(&self, places: Vec<Place>) -> Vec<Place> {
        let has = |place: &Place| self.scopes.find(&place.root).is_none_or(|(_, local)| local.assigned);
        places.into_iter().filter(has).collect()
    }

    fn choices(&mut self, node: &mut ExprMatch) {
        self.place(&mut node.expr);
        let before = self.scopes.assigned();
        let mut after: Option<Vec<bool>> = None;
        for arm in &mut node.arms {
            self.scopes.set_assigned(&before);
            self.scopes.enter();
            self.scopes.bind(&arm.pat, Binding::PART);
            if let Pat::Guard(guard) = &mut arm.pat {
                let check = if self.graph() { emit::Check::Part } else { emit::Check::Forgotten };
                self.plain(&mut guard.guard, check);
            }
            self.visit_expr_mut(&mut arm.body);
            self.scopes.leave();
            let assigned = self.scopes.assigned();
            after = Some(match after {
                None => assigned,
                Some(all) => all.into_iter().zip(assigned).map(|(left, right)| left && right).collect(),
            });
        }
        self.scopes.set_assigned(&after.unwrap_or(before));
    }

    /// A variable whose value is taken.
    fn held(&mut self, expression: &mut Expr) {
        let Some(ident) = variable(expression) else { return };
        let Some((at, local)) = self.scopes.find(ident) else { return };
        if at < self.boundary && local.holds_tensor && local.assigned {
            let tokens = emit::held(ident, self.private);
            self.changed = true;
            *expression = Expr::Verbatim(tokens);
        }
    }

    fn binary(&mut self, expression: &mut Expr) {
        let Expr::Binary(binary) = expression else { return };
        match &binary.op {
            op if is_compound(op) => {
                self.visit_expr_mut(&mut binary.right);
                self.place(&mut binary.left);
            }
            BinOp::And(_) | BinOp::Or(_) if self.graph() => {
                self.condition(&mut binary.left);
                self.perhaps(|this| this.condition(&mut binary.right));
                self.changed = true;
                *expression = Expr::Verbatim(emit::logic(binary, self.private));
            }
            op if emit::is_comparison(op) && self.graph() => self.comparison(expression),
            _ => visit_mut::visit_expr_binary_mut(self, binary),
        }
    }
}

impl VisitMut for Rewriter<'_> {
    fn visit_block_mut(&mut self, node: &mut Block) {
        self.scopes.enter();
        let mut later = Vec::new();
        let count = node.stmts.len();
        for (at, statement) in node.stmts.iter_mut().enumerate() {
            match statement {
                Stmt::Local(local) => {
                    self.visit_local_mut(local);
                    if local.init.is_none()
                        && let Some(local) = self.scopes.last()
                    {
                        later.push((at, local.twice.clone()));
                    }
                }
                Stmt::Expr(Expr::If(inner), semicolon) => {
                    let value = at + 1 == count && semicolon.is_none() && inner.else_branch.is_some();
                    if let Some(tokens) = self.choice(inner, value) {
                        *statement = Stmt::Expr(Expr::Verbatim(tokens), *semicolon);
                    }
                }
                Stmt::Expr(expression, _) => self.visit_expr_mut(expression),
                Stmt::Macro(inner) => self.visit_macro_mut(&mut inner.mac),
                Stmt::Item(_) => {}
            }
        }
        for (at, _) in later.iter().filter(|(_, twice)| twice.get()) {
            if let Some(Stmt::Local(local)) = node.stmts.get_mut(*at) {
                make_mutable(local);
            }
        }
        self.scopes.leave();
    }

    fn visit_local_mut(&mut self, node: &mut Local) {
        let ty = match &node.pat {
            Pat::Type(typed) => Some(Type::clone(&typed.ty)),
            _ => None,
        };
        let binding = Binding::local(ty.as_ref(), node.init.as_ref().map(|init| &*init.expr));
        if let Some(init) = &mut node.init {
            if matches!(node.pat, Pat::Wild(_)) {
                self.place(&mut init.expr);
            } else {
                self.visit_expr_mut(&mut init.expr);
            }
            if let Some((_, diverge)) = &mut init.diverge {
                self.perhaps(|this| this.visit_expr_mut(diverge));
            }
        }
        self.scopes.bind(&node.pat, binding);
    }

    fn visit_expr_mut(&mut self, node: &mut Expr) {
        match node {
            Expr::Path(_) => self.held(node),
            Expr::If(inner) => {
                let value = inner.else_branch.is_some();
                if let Some(tokens) = self.choice(inner, value) {
                    *node = Expr::Verbatim(tokens);
                }
            }
            Expr::While(inner) => {
                if let Some(tokens) = self.repetition(inner) {
                    *node = Expr::Verbatim(tokens);
                }
            }
            Expr::ForLoop(inner) => {
                if let Some(tokens) = self.iteration(inner) {
                    *node = Expr::Verbatim(tokens);
                }
            }
            Expr::Loop(inner) => {
                let outer = std::mem::take(&mut self.boundary);
                self.perhaps(|this| this.visit_block_mut(&mut inner.body));
                self.boundary = outer;
            }
            Expr::Match(inner) => self.choices(inner),
            Expr::Binary(_) => self.binary(node),
            Expr::Unary(unary) if matches!(unary.op, UnOp::Deref(_)) => self.place(&mut unary.expr),
            Expr::Assign(assign) => {
                self.visit_expr_mut(&mut assign.right);
                self.target(&mut assign.left);
            }
            Expr::MethodCall(call) => {
                self.place(&mut call.receiver);
                call.args.iter_mut().for_each(|argument| self.visit_expr_mut(argument));
            }
            Expr::Call(call) => {
                self.place(&mut call.func);
                call.args.iter_mut().for_each(|argument| self.visit_expr_mut(argument));
            }
            Expr::Field(field) => self.place(&mut field.base),
            Expr::Index(index) => {
                self.place(&mut index.expr);
                self.visit_expr_mut(&mut index.index);
            }
            Expr::Reference(reference) => self.place(&mut reference.expr),
            Expr::RawAddr(address) => self.place(&mut address.expr),
            Expr::Cast(cast) => self.place(&mut cast.expr),
            Expr::Let(inner) => {
                self.place(&mut inner.expr);
                self.scopes.bind(&inner.pat, Binding::PART);
            }
            Expr::Repeat(repeat) => self.visit_expr_mut(&mut repeat.expr),
            Expr::Struct(fields) => {
                for field in &mut fields.fields {
                    self.visit_expr_mut(&mut field.expr);
                    if field.colon_token.is_none() && !matches!(field.expr, Expr::Path(_)) {
                        field.colon_token = Some(<Token![:]>::default());
                    }
                }
                if let Some(rest) = &mut fields.rest {
                    self.place(rest);
                }
            }
            Expr::Closure(closure) => {
                let outer = std::mem::take(&mut self.boundary);
                self.perhaps(|this| {
                    this.scopes.enter();
                    for input in &closure.inputs {
                        let binding = match input {
                            Pat::Type(typed) => Binding::typed(&typed.ty),
                            _ => Binding::LATER,
                        };
                        this.scopes.bind(input, binding);
                    }
                    this.visit_expr_mut(&mut closure.body);
                    this.scopes.leave();
                });
                self.boundary = outer;
            }
            Expr::Macro(inner) => self.visit_macro_mut(&mut inner.mac),
            Expr::Async(_) | Expr::Const(_) | Expr::TryBlock(_) | Expr::Verbatim(_) => {}
            _ => visit_mut::visit_expr_mut(self, node),
        }
    }

    fn visit_macro_mut(&mut self, node: &mut Macro) {
        if !node.path.segments.last().is_some_and(|last| last.ident == "vec") {
            return;
        }
        let parser = Punctuated::<Expr, Token![,]>::parse_terminated;
        if let Ok(mut elements) = parser.parse2(node.tokens.clone()) {
            elements.iter_mut().for_each(|element| self.visit_expr_mut(element));
            node.tokens = quote::quote!(#elements);
        }
    }

    fn visit_item_mut(&mut self, _: &mut Item) {}
    fn visit_type_mut(&mut self, _: &mut Type) {}
    fn visit_pat_mut(&mut self, _: &mut Pat) {}
    fn visit_path_mut(&mut self, _: &mut syn::Path) {}
    fn visit_attribute_mut(&mut self, _: &mut syn::Attribute) {}
}

/// `let x;` that the branches of an `if` on a tensor assign one after the other.
fn make_mutable(local: &mut Local) {
    let pattern = match &mut local.pat {
        Pat::Type(typed) => &mut *typed.pat,
        other => other,
    };
    if let Pat::Ident(name) = pattern
        && name.mutability.is_none()
    {
        name.mutability = Some(<Token![mut]>::default());
        local.attrs.push(parse_quote!(#[allow(unused_mut)]));
    }
}

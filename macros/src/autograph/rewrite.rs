//! The walk over a body.

use proc_macro2::TokenStream;
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::visit_mut::{self, VisitMut};
use syn::{BinOp, Block, Expr, Item, Local, Macro, Pat, Signature, Stmt, Token, Type, UnOp, parse_quote};

use crate::autograph::emit;
use crate::autograph::place::{Place, variable};
use crate::autograph::scope::{Binding, Scopes};

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

pub(super) struct Rewriter<'p> {
    pub private: &'p TokenStream,
    mode: Mode,
    pub scopes: Scopes,
    /// Locals before this number come from outside of the innermost branch that is recorded.
    pub boundary: usize,
    /// Something was wrapped, so that the traits are needed.
    pub changed: bool,
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

impl Rewriter<'_> {
    pub(super) fn graph(&self) -> bool {
        self.mode == Mode::Graph
    }

    /// An expression that is looked at, not moved.
    pub(super) fn place(&mut self, expression: &mut Expr) {
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
    pub(super) fn condition(&mut self, expression: &mut Expr) {
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
    pub(super) fn plain(&mut self, expression: &mut Expr, check: emit::Check) {
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
            // A comparison of what is unsafe to borrow would borrow it.
            Expr::Unsafe(_) | Expr::Async(_) | Expr::Const(_) | Expr::TryBlock(_) | Expr::Verbatim(_) => {}
            _ => visit_mut::visit_expr_mut(self, node),
        }
    }

    fn visit_macro_mut(&mut self, node: &mut Macro) {
        if node.path.segments.last().is_none_or(|last| last.ident != "vec") {
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

//! `if`, `while`, `for` and `match`: what is recorded, and what stays Rust.

use proc_macro2::TokenStream;
use syn::visit_mut::VisitMut;
use syn::{BinOp, Block, Expr, ExprBinary, ExprForLoop, ExprIf, ExprMatch, ExprWhile, Pat, Stmt};

use crate::autograph::place::Place;
use crate::autograph::rewrite::Rewriter;
use crate::autograph::scope::Binding;
use crate::autograph::{changes, emit, escapes};

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
    pub(super) fn choice(&mut self, node: &mut ExprIf, value: bool) -> Option<TokenStream> {
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
    pub(super) fn repetition(&mut self, node: &mut ExprWhile) -> Option<TokenStream> {
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
    pub(super) fn iteration(&mut self, node: &mut ExprForLoop) -> Option<TokenStream> {
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

    pub(super) fn choices(&mut self, node: &mut ExprMatch) {
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
}

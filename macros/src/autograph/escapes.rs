//! Whether a branch or the body of a loop is left in the middle.

use syn::visit::{self, Visit};
use syn::{
    Block, Expr, ExprAsync, ExprBreak, ExprClosure, ExprConst, ExprContinue, ExprForLoop, ExprLoop,
    ExprReturn, ExprTry, ExprWhile, Item, Label, Lifetime,
};

/// Whether control may leave a block by `break`, `continue`, `return` or `?`.
pub fn block(block: &Block) -> bool {
    let mut finder = Finder::default();
    finder.visit_block(block);
    finder.found
}

/// The same of the body of a loop, for which an unlabelled `break` is its own.
pub fn expression(expression: &Expr) -> bool {
    let mut finder = Finder::default();
    finder.visit_expr(expression);
    finder.found
}

#[derive(Default)]
struct Finder {
    found: bool,
    /// How many loops are around this point, inside of the block.
    loops: usize,
    labels: Vec<Lifetime>,
}

impl Finder {
    fn jump(&mut self, label: Option<&Lifetime>) {
        self.found |= match label {
            Some(label) => !self.labels.iter().any(|known| known.ident == label.ident),
            None => self.loops == 0,
        };
    }

    fn within(&mut self, label: Option<&Label>, is_loop: bool, visit: impl FnOnce(&mut Self)) {
        self.labels.extend(label.map(|label| label.name.clone()));
        self.loops += usize::from(is_loop);
        visit(self);
        self.loops -= usize::from(is_loop);
        if label.is_some() {
            self.labels.pop();
        }
    }
}

impl<'ast> Visit<'ast> for Finder {
    fn visit_expr_return(&mut self, _: &'ast ExprReturn) {
        self.found = true;
    }

    fn visit_expr_try(&mut self, _: &'ast ExprTry) {
        self.found = true;
    }

    fn visit_expr_break(&mut self, node: &'ast ExprBreak) {
        self.jump(node.label.as_ref());
        visit::visit_expr_break(self, node);
    }

    fn visit_expr_continue(&mut self, node: &'ast ExprContinue) {
        self.jump(node.label.as_ref());
    }

    fn visit_expr_loop(&mut self, node: &'ast ExprLoop) {
        self.within(node.label.as_ref(), true, |this| this.visit_block(&node.body));
    }

    fn visit_expr_while(&mut self, node: &'ast ExprWhile) {
        self.within(node.label.as_ref(), true, |this| {
            this.visit_expr(&node.cond);
            this.visit_block(&node.body);
        });
    }

    fn visit_expr_for_loop(&mut self, node: &'ast ExprForLoop) {
        self.visit_expr(&node.expr);
        self.within(node.label.as_ref(), true, |this| this.visit_block(&node.body));
    }

    fn visit_expr_block(&mut self, node: &'ast syn::ExprBlock) {
        self.within(node.label.as_ref(), false, |this| this.visit_block(&node.block));
    }

    // These have a `return` and a `?` of their own.
    fn visit_expr_closure(&mut self, _: &'ast ExprClosure) {}
    fn visit_expr_async(&mut self, _: &'ast ExprAsync) {}
    fn visit_expr_const(&mut self, _: &'ast ExprConst) {}
    fn visit_item(&mut self, _: &'ast Item) {}
}

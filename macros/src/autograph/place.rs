//! Places: a variable, perhaps behind a `*`, and a path of fields.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::{Expr, Ident, Member, UnOp};

use crate::signature::saved_name;

/// `x`, `x.state.0`, `*x`
#[derive(Clone)]
pub struct Place {
    pub root: Ident,
    pub dereferenced: bool,
    pub fields: Vec<Member>,
}

impl Place {
    /// The place that an expression stands for, up to the first index; none for one that is computed.
    pub fn of(expression: &Expr) -> Option<Self> {
        match expression {
            Expr::Path(path) => {
                let root = path.path.get_ident()?.clone();
                Some(Self { root, dereferenced: false, fields: Vec::new() })
            }
            Expr::Field(field) => {
                let mut place = Self::of(&field.base)?;
                if !is_element(&field.base) {
                    place.fields.push(field.member.clone());
                }
                Some(place)
            }
            Expr::Index(index) => Self::of(&index.expr),
            Expr::Paren(paren) => Self::of(&paren.expr),
            Expr::Group(group) => Self::of(&group.expr),
            Expr::Unary(unary) if matches!(unary.op, UnOp::Deref(_)) => {
                let mut place = Self::of(&unary.expr)?;
                place.dereferenced |= place.fields.is_empty();
                Some(place)
            }
            _ => None,
        }
    }

    /// The place as an expression, at the user's own name.
    pub fn tokens(&self) -> TokenStream {
        let (root, fields) = (&self.root, &self.fields);
        if self.dereferenced && fields.is_empty() {
            let span = root.span();
            quote_spanned!(span=> *#root)
        } else {
            quote_spanned!(root.span()=> #root #(.#fields)*)
        }
    }

    /// The name in the graph: `x.state.0`.
    pub fn name(&self) -> String {
        let mut name = saved_name(&self.root);
        for field in &self.fields {
            name.push('.');
            match field {
                Member::Named(field) => name.push_str(&saved_name(field)),
                Member::Unnamed(index) => name.push_str(&index.index.to_string()),
            }
        }
        name
    }

    pub fn span(&self) -> Span {
        self.root.span()
    }

    /// Whether changing this changes all of `other`.
    pub fn holds(&self, other: &Self) -> bool {
        self.root == other.root && other.fields.starts_with(&self.fields)
    }
}

/// Whether an expression is a part of a place that an index has picked.
fn is_element(expression: &Expr) -> bool {
    match expression {
        Expr::Index(_) => true,
        Expr::Field(field) => is_element(&field.base),
        Expr::Paren(paren) => is_element(&paren.expr),
        _ => false,
    }
}

/// The variable that an expression is, out of parentheses.
pub fn variable(expression: &Expr) -> Option<&Ident> {
    match expression {
        Expr::Path(path) if path.qself.is_none() => path.path.get_ident(),
        Expr::Paren(paren) => variable(&paren.expr),
        Expr::Group(group) => variable(&group.expr),
        _ => None,
    }
}

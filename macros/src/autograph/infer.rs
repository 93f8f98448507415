//! Whether the type of an expression is known from the expression, or only from how its value is used.

use syn::{Expr, GenericArgument, PathArguments, Type};

/// Methods whose result has the type that is asked for.
const ANY: [&str; 15] = [
    "into",
    "try_into",
    "parse",
    "collect",
    "sum",
    "product",
    "default",
    "from_str",
    "deserialize",
    "extract",
    "downcast",
    "get_or_default",
    "unwrap_or_default",
    "take_any",
    "read",
];

/// Whether the value may be a tensor, and its type does not depend on what happens to it later.
pub fn is_known(value: &Expr) -> bool {
    match value {
        Expr::Lit(_)
        | Expr::Reference(_)
        | Expr::Closure(_)
        | Expr::Cast(_)
        | Expr::Range(_)
        | Expr::Block(_)
        | Expr::If(_)
        | Expr::Match(_)
        | Expr::Macro(_)
        | Expr::Unsafe(_) => false,
        Expr::Paren(paren) => is_known(&paren.expr),
        Expr::Group(group) => is_known(&group.expr),
        Expr::Try(inner) => fallible(&inner.expr),
        Expr::MethodCall(call) => {
            let name = call.method.to_string();
            match name.as_str() {
                "unwrap" | "expect" | "unwrap_or_else" | "unwrap_or" => fallible(&call.receiver),
                name => call.turbofish.is_some() || !ANY.contains(&name),
            }
        }
        Expr::Call(call) => match &*call.func {
            Expr::Path(path) => path.path.segments.last().is_some_and(|last| {
                let stated = !matches!(last.arguments, PathArguments::None);
                // `Tensor::zeros(…)` says its type; a free function may be asked for any.
                stated || path.path.segments.len() > 1 && !ANY.contains(&last.ident.to_string().as_str())
            }),
            _ => true,
        },
        _ => true,
    }
}

/// The same of what comes out of a `Result` or an `Option`.
fn fallible(value: &Expr) -> bool {
    match value {
        Expr::Call(call) => match &*call.func {
            Expr::Path(path) => {
                path.path.segments.last().is_some_and(|last| !matches!(last.arguments, PathArguments::None))
            }
            _ => false,
        },
        Expr::MethodCall(call) => {
            call.turbofish.as_ref().is_some_and(|turbofish| {
                turbofish
                    .args
                    .iter()
                    .all(|argument| !matches!(argument, GenericArgument::Type(Type::Infer(_))))
            }) || is_known(value)
        }
        other => is_known(other),
    }
}

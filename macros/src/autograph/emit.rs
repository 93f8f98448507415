//! What the walk puts in the place of what it finds.
//!
//! `if CONDITION { A } else { B }` becomes
//!
//! ```ignore
//! {
//!     let choice = Condition(&CONDITION).choose();
//!     loop {
//!         if let Some(tensors) = choice.tensors() {
//!             tensors.enter();                                  // does not return where the condition is a `bool`
//!             if tensors.begin([tensors.slot("x", &mut x)]) { break tensors.failure(); }
//!         }
//!         break choice.settle(
//!             choice.keep(if choice.takes() { A } else { B }),
//!             if let Some(tensors) = choice.tensors() {
//!                 tensors.enter();
//!                 if tensors.next([tensors.slot("x", &mut x)]) { continue; }
//!             },
//!         );
//!     }
//! }
//! ```
//!
//! `while CONDITION { BODY }` becomes
//!
//! ```ignore
//! {
//!     let rounds = Rounds::new();
//!     loop {
//!         if rounds.evaluates() {
//!             let goes_on = Condition(&CONDITION).repeat(&rounds);
//!             if let Some(tensors) = rounds.tensors() { tensors.enter(); if tensors.decide([..]) { break; } }
//!             if !goes_on { break; }
//!             { BODY }
//!             if let Some(tensors) = rounds.tensors() { tensors.enter(); if tensors.next([..]) { break; } }
//!         } else if let Some(tensors) = rounds.tensors() { tensors.enter(); if tensors.begin([..]) { break; } }
//!     }
//! }
//! ```
//!
//! and `for PATTERN in ITEMS { BODY }`
//!
//! ```ignore
//! match Each(ITEMS).rounds() {
//!     (items, rounds) => {
//!         if let Some(tensors) = rounds.tensors() { tensors.enter(); tensors.begin([..]); }
//!         for PATTERN in items {
//!             { BODY }
//!             if let Some(tensors) = rounds.tensors() { tensors.enter(); tensors.next([..]); }
//!         }
//!         if let Some(tensors) = rounds.tensors() { tensors.enter(); tensors.finish([..]); }
//!     }
//! }
//! ```

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{
    BinOp, Block, Expr, ExprBinary, ExprForLoop, ExprIf, ExprRange, ExprUnary, ExprWhile, RangeLimits, Stmt,
    parse_quote,
};

use crate::autograph::place::Place;
use crate::expand::at;

/// Why a condition stays Rust.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Check {
    Leaving,
    Forgotten,
    Part,
    Items,
}

/// The traits whose methods the wrappers have.
pub fn traits(private: &TokenStream) -> Stmt {
    let here = Span::mixed_site();
    let names = [
        "PlainCondition",
        "TensorCondition",
        "NoCondition",
        "PlainOrder",
        "TensorOrder",
        "NoOrder",
        "PlainEquality",
        "TensorEquality",
        "NoEquality",
        "PlainBoth",
        "TensorBoth",
        "NoBoth",
        "PlainEach",
        "TensorEach",
        "NoEach",
        "PlainEnds",
        "TensorEnds",
        "NoEnds",
        "PlainHeld",
        "TensorHeld",
    ];
    let names = names.iter().map(|name| Ident::new(name, here));
    let tokens = quote_spanned! {here=>
        #[allow(unused_imports)]
        use #private::autograph::{#(#names as _),*};
    };
    parse_quote!(#tokens)
}

pub fn is_comparison(op: &BinOp) -> bool {
    comparison_method(op).is_some()
}

fn comparison_method(op: &BinOp) -> Option<&'static str> {
    Some(match op {
        BinOp::Lt(_) => "lt",
        BinOp::Le(_) => "le",
        BinOp::Gt(_) => "gt",
        BinOp::Ge(_) => "ge",
        BinOp::Eq(_) => "eq",
        BinOp::Ne(_) => "ne",
        _ => return None,
    })
}

/// `Compare(&left, &right).lt()`
pub fn comparison(binary: &ExprBinary, private: &TokenStream) -> Option<TokenStream> {
    let span = binary.op.span();
    let method = Ident::new(comparison_method(&binary.op)?, span);
    let (left, right) = (lent(&binary.left), lent(&binary.right));
    let (private, span) = (placed(private, span), at(span));
    let call = call(&method);
    Some(quote_spanned!(span=> #private::autograph::Compare(#left, #right).#call))
}

/// `Condition(&x).not()`
pub fn negation(unary: &ExprUnary, private: &TokenStream) -> TokenStream {
    let span = unary.op.span();
    let call = call(&Ident::new("not", span));
    let value = lent(&unary.expr);
    let (private, span) = (placed(private, span), at(span));
    quote_spanned!(span=> #private::autograph::Condition(#value).#call)
}

/// `{ let left = Condition(&left).and(); if left.open() { Both(&left, &right).join() } else { left.closed() } }`
pub fn logic(binary: &ExprBinary, private: &TokenStream) -> TokenStream {
    let user = binary.op.span();
    let word = if matches!(binary.op, BinOp::And(_)) { "and" } else { "or" };
    let (first, join) = (call(&Ident::new(word, user)), call(&Ident::new("join", user)));
    let (left, right) = (lent(&binary.left), lent(&binary.right));
    let span = at(user);
    quote_spanned! {span=>
        ({
            let left = #private::autograph::Condition(#left).#first;
            if left.open() { #private::autograph::Both(&left, #right).#join } else { left.closed() }
        })
    }
}

/// `part(condition)`
pub fn check(condition: &Expr, check: Check, private: &TokenStream) -> TokenStream {
    let span = at(condition.span());
    let word = match check {
        Check::Leaving => "leaving",
        Check::Forgotten => "forgotten",
        Check::Part => "part",
        Check::Items => "items",
    };
    let (word, private) = (Ident::new(word, span), placed(private, span));
    quote_spanned!(span=> #private::autograph::#word(#condition))
}

/// `match Held(&x).hold() { Ok(tensor) => tensor, Err(others) => { others.moves(); x } }`
pub fn held(ident: &Ident, private: &TokenStream) -> TokenStream {
    let span = at(ident.span());
    quote_spanned! {span=>
        (match #private::autograph::Held(&#ident).hold() {
            ::core::result::Result::Ok(tensor) => tensor,
            #[allow(unreachable_code)]
            ::core::result::Result::Err(others) => {
                others.moves();
                #ident
            }
        })
    }
}

pub fn choice(
    node: &ExprIf,
    value: bool,
    carried: &[Place],
    given: &[Place],
    private: &TokenStream,
) -> TokenStream {
    let user = node.if_token.span;
    let span = at(user);
    let condition = lent(&node.cond);
    let (then, attrs) = (&node.then_branch, &node.attrs);
    let otherwise = node.else_branch.as_ref().map(|(_, otherwise)| {
        let inner = match &**otherwise {
            Expr::Block(block) if block.label.is_none() => block.block.to_token_stream(),
            other => quote_spanned!(span=> { #other }),
        };
        quote_spanned!(span=> else #inner)
    });
    // What only the branches give a value needs one where neither runs.
    let late =
        given.iter().filter(|place| !carried.iter().any(|known| known.holds(place))).map(Place::tokens);
    let late = quote_spanned!(span=> #(#late = tensors.failure();)*);
    let (carried, given) = (slots(carried, span), slots(given, span));
    let choose = call(&Ident::new("choose", user));
    let branches = quote_spanned!(span=> if choice.takes() #then #otherwise);
    let begin = |failure: TokenStream| {
        hook(
            span,
            &quote_spanned!(span=> choice),
            &quote_spanned!(span=> if tensors.begin([#carried]) { #late break #failure; }),
        )
    };
    let next = hook(
        span,
        &quote_spanned!(span=> choice),
        &quote_spanned!(span=> if tensors.next([#given]) { continue; }),
    );
    let rounds = if value {
        let begin = begin(quote_spanned!(span=> tensors.failure()));
        quote_spanned! {span=>
            #begin
            break choice.settle(choice.keep(#branches), #next);
        }
    } else {
        let begin = begin(TokenStream::new());
        quote_spanned! {span=>
            #begin
            #branches
            #next
            break;
        }
    };
    quote_spanned! {span=>
        #(#attrs)*
        {
            let choice = #private::autograph::Condition(#condition).#choose;
            loop { #rounds }
        }
    }
}

pub fn repetition(node: &ExprWhile, carried: &[Place], private: &TokenStream) -> TokenStream {
    let user = node.while_token.span;
    let span = at(user);
    let condition = lent(&node.cond);
    let (body, attrs, label) = (&node.body, &node.attrs, &node.label);
    let carried = slots(carried, span);
    let rounds = quote_spanned!(span=> rounds);
    let repeat = call_with(&Ident::new("repeat", user), &quote_spanned!(span=> &rounds));
    let decide = hook(span, &rounds, &quote_spanned!(span=> if tensors.decide([#carried]) { break; }));
    let next = hook(span, &rounds, &quote_spanned!(span=> if tensors.next([#carried]) { break; }));
    let begin = hook(span, &rounds, &quote_spanned!(span=> if tensors.begin([#carried]) { break; }));
    quote_spanned! {span=>
        #(#attrs)*
        {
            let rounds = #private::autograph::Rounds::new();
            #label loop {
                if rounds.evaluates() {
                    let goes_on = #private::autograph::Condition(#condition).#repeat;
                    #decide
                    if !goes_on { break; }
                    #body
                    #next
                } else #begin
            }
        }
    }
}

pub fn iteration(node: &ExprForLoop, carried: &[Place], private: &TokenStream) -> TokenStream {
    let user = node.for_token.span;
    let span = at(user);
    let (pattern, body, attrs, label) = (&node.pat, &node.body, &node.attrs, &node.label);
    let items = match &*node.expr {
        Expr::Range(ExprRange {
            start: Some(start),
            limits: RangeLimits::HalfOpen(_),
            end: Some(end),
            ..
        }) => {
            quote_spanned!(span=> #private::autograph::Ends(#start, #end))
        }
        other => quote_spanned!(span=> #private::autograph::Each(#other)),
    };
    let call = call(&Ident::new("rounds", user));
    let carried = slots(carried, span);
    let rounds = quote_spanned!(span=> rounds);
    let begin = hook(span, &rounds, &quote_spanned!(span=> tensors.begin([#carried]);));
    let next = hook(span, &rounds, &quote_spanned!(span=> tensors.next([#carried]);));
    let finish = hook(span, &rounds, &quote_spanned!(span=> tensors.finish([#carried]);));
    let keyword = Ident::new("in", span);
    let for_token = &node.for_token;
    let body = block(body);
    quote_spanned! {span=>
        #(#attrs)*
        {
            match #items.#call {
                (items, rounds) => {
                    #begin
                    #label #for_token #pattern #keyword items {
                        #body
                        #next
                    }
                    #finish
                }
            }
        }
    }
}

/// A block that is a statement of its own, so that it gives `()`.
fn block(block: &Block) -> TokenStream {
    quote!(#block)
}

/// `if let Some(tensors) = choice.tensors() { tensors.enter(); … }`
fn hook(span: Span, holder: &TokenStream, what: &TokenStream) -> TokenStream {
    quote_spanned! {span=>
        {
            #[allow(unreachable_code)]
            if let ::core::option::Option::Some(tensors) = #holder.tensors() {
                tensors.enter();
                #what
            }
        }
    }
}

/// `tensors.slot("x", &mut x), …`
fn slots(places: &[Place], span: Span) -> TokenStream {
    let slots = places.iter().map(|place| {
        let (name, tokens) = (place.name(), place.tokens());
        let user = at(place.span());
        let place = quote_spanned!(user=> &mut #tokens);
        quote_spanned!(span=> tensors.slot(#name, #place))
    });
    quote_spanned!(span=> #(#slots),*)
}

/// `method()`, at the user's own place, so that an error of the runtime names it.
fn call(method: &Ident) -> TokenStream {
    call_with(method, &TokenStream::new())
}

/// `method(arguments)`, as [`call`]: the compiler takes the place from the method's name to the closing bracket, and if
/// either is the macro's own, that is the place of the attribute.
fn call_with(method: &Ident, arguments: &TokenStream) -> TokenStream {
    let span = method.span();
    quote_spanned!(span=> #method(#arguments))
}

/// The path at a place, so that what begins with it is shown there.
fn placed(path: &TokenStream, span: Span) -> TokenStream {
    let placed = path.clone().into_iter().map(|mut token| {
        token.set_span(span);
        token
    });
    placed.collect()
}

/// `&value`
fn lent(value: &Expr) -> TokenStream {
    let span = at(value.span());
    match value {
        Expr::Path(_)
        | Expr::Lit(_)
        | Expr::Call(_)
        | Expr::MethodCall(_)
        | Expr::Field(_)
        | Expr::Index(_)
        | Expr::Paren(_)
        | Expr::Macro(_)
        | Expr::Array(_)
        | Expr::Tuple(_)
        | Expr::Reference(_)
        | Expr::Unary(_) => quote_spanned!(span=> &#value),
        other => quote_spanned!(span=> &(#other)),
    }
}

//! A signature as a value. `input = [.., 5, n, self.units; f32] -> [None; f32]` becomes
//!
//! ```ignore
//! SignatureSpec {
//!     function: "call",
//!     inputs: Vec::from([("input", TensorSpec {
//!         leading: true,
//!         dims: Vec::from([DimSpec::Size(5), DimSpec::Named("n"), DimSpec::field("units", &self.units)]),
//!         dtype: DTypeSpec::Exact(DType::F32),
//!     })]),
//!     outputs: Some(Vec::from([(None, TensorSpec { .. })])),
//!     file: file!(),
//!     line: line!(),
//! }
//! ```

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::Member;
use syn::spanned::Spanned;

use crate::ast::MethodDef;
use crate::expand::{at, position, unread};
use crate::private;
use crate::signature::{OutputsDef, saved_name};
use crate::spec::{DimDef, SpecDef};

/// The `SignatureSpec` of a method; `receiver` is the `self` of the function it stands in.
pub fn value(method: &MethodDef, receiver: &Ident, private: &TokenStream) -> TokenStream {
    let here = Span::mixed_site();
    let signature = &method.signature;
    let function = &method.name;
    let inputs = signature.inputs.iter().map(|input| {
        let name = saved_name(&input.name);
        let spec = tensor(&input.spec, receiver, private);
        quote_spanned!(here=> (#name, #spec))
    });
    let inputs = vec(&inputs.collect::<Vec<_>>());
    let outputs = option(signature.outputs.as_ref().map(|outputs| outputs_value(outputs, receiver, private)));
    let [file, line] = position(&signature.original);
    quote_spanned! {here=>
        #private::SignatureSpec { function: #function, inputs: #inputs, outputs: #outputs, file: #file, line: #line }
    }
}

fn outputs_value(outputs: &OutputsDef, receiver: &Ident, private: &TokenStream) -> TokenStream {
    let here = Span::mixed_site();
    let entries = outputs.entries.iter().map(|output| {
        let spec = tensor(&output.spec, receiver, private);
        let name = option(output.name.as_ref().map(saved_name));
        quote_spanned!(here=> (#name, #spec))
    });
    vec(&entries.collect::<Vec<_>>())
}

fn tensor(spec: &SpecDef, receiver: &Ident, private: &TokenStream) -> TokenStream {
    let here = Span::mixed_site();
    let leading = spec.leading;
    let dims = vec(&spec.dims.iter().map(|dim| dim_value(dim, receiver, private)).collect::<Vec<_>>());
    let dtype = spec.dtype.tokens(private);
    quote_spanned!(here=> #private::TensorSpec { leading: #leading, dims: #dims, dtype: #dtype })
}

fn dim_value(dim: &DimDef, receiver: &Ident, private: &TokenStream) -> TokenStream {
    let here = Span::mixed_site();
    match dim {
        DimDef::Any => quote_spanned!(here=> #private::DimSpec::Any),
        DimDef::Size(size) => {
            let digits = proc_macro2::Literal::usize_unsuffixed(size.base10_parse().unwrap_or_default());
            quote_spanned!(here=> #private::DimSpec::Size(#digits))
        }
        DimDef::Named(name) => {
            let name = saved_name(name);
            quote_spanned!(here=> #private::DimSpec::Named(#name))
        }
        DimDef::Field(members) => field(members, receiver),
    }
}

/// `DimSpec::field("units", &self.units)`, at the user's own `self.units`.
fn field(members: &[Member], receiver: &Ident) -> TokenStream {
    let parts: Vec<_> = members
        .iter()
        .map(|member| match member {
            Member::Named(name) => saved_name(name),
            Member::Unnamed(index) => index.index.to_string(),
        })
        .collect();
    let name = parts.join(".");
    let span = members.last().map_or_else(Span::mixed_site, Spanned::span);
    let mut receiver = receiver.clone();
    receiver.set_span(span.resolved_at(receiver.span()));
    let place = quote_spanned!(span=> &#receiver #(.#members)*);
    let span = at(span);
    let private = private::path_at(span);
    quote_spanned!(span=> #private::DimSpec::field(#name, #place))
}

/// `Some(…)` or `None`
fn option(value: Option<impl ToTokens>) -> TokenStream {
    let here = Span::mixed_site();
    value.map_or_else(
        || quote_spanned!(here=> ::core::option::Option::None),
        |value| quote_spanned!(here=> ::core::option::Option::Some(#value)),
    )
}

/// `Vec::from([…])`, or `Vec::new()`, whose element type is then known from its place.
fn vec(elements: &[TokenStream]) -> TokenStream {
    let here = Span::mixed_site();
    if elements.is_empty() {
        quote_spanned!(here=> ::std::vec::Vec::new())
    } else {
        quote_spanned!(here=> ::std::vec::Vec::from([#(#elements),*]))
    }
}

/// `#[signature]` by itself: inside a `#[layer]` the block's own attribute has taken it away before it is reached.
pub fn misplaced(arguments: &TokenStream, item: TokenStream) -> TokenStream {
    let message =
        "`#[signature]` belongs on a method in a `#[layer]` block: write `#[layer]` above the `impl`";
    let error = if arguments.is_empty() {
        syn::Error::new(Span::call_site(), message)
    } else {
        syn::Error::new_spanned(arguments, message)
    };
    unread(error, item)
}

//! A signature as a value. `input = [.., 5, n, self.units; f32] -> [None; f32]` becomes
//!
//! ```ignore
//! SignatureSpec {
//!     function: "call",
//!     inputs: Vec::from([("input", Layout::Leaf(TensorSpec {
//!         leading: true,
//!         dims: Vec::from([DimSpec::Size(5), DimSpec::Named("n"), DimSpec::field("units", &self.units)]),
//!         dtype: DTypeSpec::Exact(DType::F32),
//!     }))]),
//!     arguments: Vec::new(),
//!     sizes: Vec::new(),
//!     outputs: Some(Vec::from([(None, Layout::Leaf(TensorSpec { .. }))])),
//!     file: file!(),
//!     line: line!(),
//! }
//! ```

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, Lit, Member, Type};

use crate::ast::{MethodDef, ParameterDef};
use crate::check::last_name;
use crate::expand::{at, position, unread};
use crate::layout::{FieldLayout, LayoutDef};
use crate::private;
use crate::rule::{ArgumentDef, RuleDef, SizeDef};
use crate::signature::{OutputsDef, saved_name};
use crate::spec::{DimDef, SpecDef};

/// The `SignatureSpec` of a method; `receiver` is the `self` of the function it stands in.
pub fn value(method: &MethodDef, receiver: &Ident, private: &TokenStream) -> TokenStream {
    let here = Span::mixed_site();
    let signature = &method.signature;
    let function = &method.name;
    let inputs = signature.inputs.iter().map(|input| {
        let name = saved_name(&input.name);
        let layout = layout(&input.layout, receiver, private);
        quote_spanned!(here=> (#name, #layout))
    });
    let inputs = vec(&inputs.collect::<Vec<_>>());
    let arguments = signature.arguments.iter().filter_map(|one| argument(one, &method.parameters, private));
    let arguments = vec(&arguments.collect::<Vec<_>>());
    let sizes = vec(&signature.sizes.iter().map(|one| size(one, private)).collect::<Vec<_>>());
    let outputs = option(signature.outputs.as_ref().map(|outputs| outputs_value(outputs, receiver, private)));
    let [file, line] = position(&signature.original);
    quote_spanned! {here=>
        #private::SignatureSpec {
            function: #function,
            inputs: #inputs,
            arguments: #arguments,
            sizes: #sizes,
            outputs: #outputs,
            file: #file,
            line: #line,
        }
    }
}

/// `ArgumentSpec::new::<bool>("causal", &[true, false])`
fn argument(
    argument: &ArgumentDef,
    parameters: &[ParameterDef],
    private: &TokenStream,
) -> Option<TokenStream> {
    let here = Span::mixed_site();
    let parameter = parameter(argument, parameters)?;
    let (name, ty, values) = (saved_name(&argument.name), &parameter.ty, values(argument, &parameter.ty));
    Some(quote_spanned!(here=> #private::ArgumentSpec::new::<#ty>(#name, #values)))
}

/// The parameter that an argument is listed for.
fn parameter<'p>(argument: &ArgumentDef, parameters: &'p [ParameterDef]) -> Option<&'p ParameterDef> {
    parameters.iter().find(|known| saved_name(&known.ident) == saved_name(&argument.name))
}

/// `&[true, false]`; a `String` may be written as a literal.
pub fn values(argument: &ArgumentDef, ty: &Type) -> TokenStream {
    let here = Span::mixed_site();
    let owned = last_name(ty).is_some_and(|name| name == "String");
    let values = argument.values.iter().map(|value| match value {
        Expr::Lit(literal) if owned && matches!(literal.lit, Lit::Str(_)) => {
            quote_spanned!(here=> ::std::string::String::from(#value))
        }
        value => value.to_token_stream(),
    });
    quote_spanned!(here=> &[#(#values),*])
}

/// `SizeRule::within("batch", 1, Some(64))`
fn size(size: &SizeDef, private: &TokenStream) -> TokenStream {
    let here = Span::mixed_site();
    let name = saved_name(&size.name);
    let number = Literal::usize_unsuffixed;
    match size.rule {
        RuleDef::Within(min, max) => {
            let (min, max) = (number(min), option(max.map(number)));
            quote_spanned!(here=> #private::SizeRule::within(#name, #min, #max))
        }
        RuleDef::Multiple(divisor) => {
            let divisor = number(divisor);
            quote_spanned!(here=> #private::SizeRule::multiple(#name, #divisor))
        }
    }
}

/// `Layout::Fields(Vec::from([("image", Layout::Leaf(TensorSpec { … }))]))`
fn layout(layout: &LayoutDef, receiver: &Ident, private: &TokenStream) -> TokenStream {
    let here = Span::mixed_site();
    let inner = |inner: &LayoutDef| self::layout(inner, receiver, private);
    let boxed = |item: &LayoutDef| {
        let item = inner(item);
        quote_spanned!(here=> ::std::boxed::Box::new(#item))
    };
    match layout {
        LayoutDef::Tensor(spec) => {
            let spec = tensor(spec, receiver, private);
            quote_spanned!(here=> #private::Layout::Leaf(#spec))
        }
        LayoutDef::Fields(fields, _) => {
            let field = |FieldLayout { name, layout, .. }: &FieldLayout| {
                let layout = inner(layout);
                quote_spanned!(here=> (#name, #layout))
            };
            let fields = vec(&fields.iter().map(field).collect::<Vec<_>>());
            quote_spanned!(here=> #private::Layout::Fields(#fields))
        }
        LayoutDef::Tuple(items, _) => {
            let items = vec(&items.iter().map(inner).collect::<Vec<_>>());
            quote_spanned!(here=> #private::Layout::Tuple(#items))
        }
        LayoutDef::List(item, count, _) => {
            let (item, count) = (boxed(item), Literal::usize_unsuffixed(*count));
            quote_spanned!(here=> #private::Layout::List(#item, #count))
        }
        LayoutDef::Optional(item, _) => {
            let item = boxed(item);
            quote_spanned!(here=> #private::Layout::Optional(#item))
        }
        // Nothing is generated where a mistake was found.
        LayoutDef::Unreadable => TokenStream::new(),
    }
}

fn outputs_value(outputs: &OutputsDef, receiver: &Ident, private: &TokenStream) -> TokenStream {
    let here = Span::mixed_site();
    let entries = outputs.entries.iter().map(|output| {
        let layout = layout(&output.layout, receiver, private);
        let name = option(output.name.as_ref().map(saved_name));
        quote_spanned!(here=> (#name, #layout))
    });
    vec(&entries.collect::<Vec<_>>())
}

fn tensor(spec: &SpecDef, receiver: &Ident, private: &TokenStream) -> TokenStream {
    let here = Span::mixed_site();
    let leading = spec.leading;
    let dims = vec(&spec.dims.iter().map(|dim| dim_value(dim, receiver, private)).collect::<Vec<_>>());
    let dtype = dtype(spec, private);
    quote_spanned!(here=> #private::TensorSpec { leading: #leading, dims: #dims, dtype: #dtype })
}

/// `DTypeSpec::Float`, or `DTypeSpec::Among(Class::Float, &[DType::F32])`
fn dtype(spec: &SpecDef, private: &TokenStream) -> TokenStream {
    let here = Span::mixed_site();
    if spec.among.is_empty() {
        return spec.dtype.tokens(private);
    }
    let class = spec.dtype.class_tokens(private);
    let dtypes = spec.among.iter().filter_map(|dtype| dtype.exact_tokens(private));
    quote_spanned!(here=> #private::DTypeSpec::Among(#class, &[#(#dtypes),*]))
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

//! The dtype words of a signature.

use proc_macro2::TokenStream;
use quote::quote_spanned;
use syn::Ident;

/// What stands after the semicolon of a spec.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DTypeDef {
    /// One dtype, by the name of its variant in `DType`.
    Exact(&'static str),
    Float,
    Int,
    Any,
}

const KNOWN: [(&str, DTypeDef); 16] = [
    ("f32", DTypeDef::Exact("F32")),
    ("f64", DTypeDef::Exact("F64")),
    ("f16", DTypeDef::Exact("F16")),
    ("bf16", DTypeDef::Exact("BF16")),
    ("i8", DTypeDef::Exact("I8")),
    ("i16", DTypeDef::Exact("I16")),
    ("i32", DTypeDef::Exact("I32")),
    ("i64", DTypeDef::Exact("I64")),
    ("u8", DTypeDef::Exact("U8")),
    ("u16", DTypeDef::Exact("U16")),
    ("u32", DTypeDef::Exact("U32")),
    ("u64", DTypeDef::Exact("U64")),
    ("bool", DTypeDef::Exact("Bool")),
    ("float", DTypeDef::Float),
    ("int", DTypeDef::Int),
    ("any", DTypeDef::Any),
];

/// What other languages and libraries call these.
const FOREIGN: [(&str, &str); 22] = [
    ("float32", "f32"),
    ("single", "f32"),
    ("float64", "f64"),
    ("double", "f64"),
    ("float16", "f16"),
    ("half", "f16"),
    ("bfloat16", "bf16"),
    ("int8", "i8"),
    ("int16", "i16"),
    ("short", "i16"),
    ("int32", "i32"),
    ("int64", "i64"),
    ("long", "i64"),
    ("isize", "i64"),
    ("uint8", "u8"),
    ("byte", "u8"),
    ("uint16", "u16"),
    ("uint32", "u32"),
    ("uint64", "u64"),
    ("usize", "u64"),
    ("boolean", "bool"),
    ("integer", "int"),
];

/// The dtype that `word` means, or what to say about it.
pub fn find(word: &str) -> Result<DTypeDef, String> {
    if let Some((_, dtype)) = KNOWN.iter().find(|(known, _)| *known == word) {
        return Ok(*dtype);
    }
    let lower = word.to_ascii_lowercase();
    let meant = FOREIGN
        .iter()
        .find_map(|(foreign, ours)| (*foreign == lower).then_some(*ours))
        .or_else(|| KNOWN.iter().find_map(|(known, _)| (*known == lower).then_some(*known)));
    let advice = meant.map(|meant| format!(": write `{meant}`")).unwrap_or_default();
    Err(format!("unknown dtype `{word}`{advice}; the dtypes are {}", list()))
}

/// Whether `word` is a dtype here or anywhere else, so that it is hardly meant as the name of a size.
pub fn is_like_one(word: &str) -> bool {
    KNOWN.iter().any(|(known, _)| *known == word) || FOREIGN.iter().any(|(foreign, _)| *foreign == word)
}

fn list() -> String {
    let exact: Vec<_> =
        KNOWN.iter().filter(|(_, dtype)| matches!(dtype, DTypeDef::Exact(_))).map(|k| k.0).collect();
    format!("{}, and the classes float, int, any", exact.join(", "))
}

impl DTypeDef {
    /// The word for it.
    pub fn word(self) -> &'static str {
        KNOWN.iter().find(|(_, dtype)| *dtype == self).map_or("", |(word, _)| *word)
    }

    /// Whether this class has that dtype.
    pub fn includes(self, dtype: Self) -> bool {
        let Self::Exact(name) = dtype else { return false };
        match self {
            Self::Exact(own) => own == name,
            Self::Float => name.contains('F'),
            Self::Int => name.starts_with(['I', 'U']),
            Self::Any => true,
        }
    }

    /// The `DType` this is, if it is one.
    pub fn exact_tokens(self, private: &TokenStream) -> Option<TokenStream> {
        let here = proc_macro2::Span::mixed_site();
        let Self::Exact(variant) = self else { return None };
        let variant = Ident::new(variant, here);
        Some(quote_spanned!(here=> #private::DType::#variant))
    }

    /// The `Class` this is; of a single dtype, that of all.
    pub fn class_tokens(self, private: &TokenStream) -> TokenStream {
        let here = proc_macro2::Span::mixed_site();
        let class = match self {
            Self::Float => "Float",
            Self::Int => "Int",
            Self::Any | Self::Exact(_) => "Any",
        };
        let class = Ident::new(class, here);
        quote_spanned!(here=> #private::Class::#class)
    }

    /// The `DTypeSpec` this stands for, under the path of the private module.
    pub fn tokens(self, private: &TokenStream) -> TokenStream {
        let here = proc_macro2::Span::mixed_site();
        match self {
            Self::Exact(variant) => {
                let variant = Ident::new(variant, here);
                quote_spanned!(here=> #private::DTypeSpec::Exact(#private::DType::#variant))
            }
            Self::Float => quote_spanned!(here=> #private::DTypeSpec::Float),
            Self::Int => quote_spanned!(here=> #private::DTypeSpec::Int),
            Self::Any => quote_spanned!(here=> #private::DTypeSpec::Any),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_words_are_found() {
        assert_eq!(find("bf16"), Ok(DTypeDef::Exact("BF16")));
        assert_eq!(find("int"), Ok(DTypeDef::Int));
    }

    #[test]
    fn foreign_words_are_translated_and_the_known_ones_listed() {
        let message = find("float32").unwrap_err();
        assert!(
            message.starts_with("unknown dtype `float32`: write `f32`; the dtypes are f32, f64"),
            "{message}"
        );
        assert!(find("F32").unwrap_err().contains("write `f32`"));
        assert!(find("complex").unwrap_err().starts_with("unknown dtype `complex`; the dtypes are"));
    }

    #[test]
    fn every_translation_is_known() {
        for (_, ours) in FOREIGN {
            assert!(find(ours).is_ok(), "{ours}");
        }
    }
}

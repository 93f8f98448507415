//! Fields that are variables, configuration, and containers of fields.

use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasher;
use std::marker::PhantomData;
use std::sync::Arc;

use super::field::{Field, FieldRole, Module, ModuleType};
use super::layer::Layer;
use super::objects::ObjectKind;
use super::source::Source;
use super::visitor::Visitor;
use crate::error::Result;
use crate::graph::Variable;
use crate::registry::Kind;
use crate::sorted;
use crate::tensor::{DType, Dim, Shape};

impl Field for Variable {
    fn visit(&self, visitor: &mut Visitor<'_>) {
        visitor.variable(self);
    }

    fn rebuild(source: &mut Source<'_>) -> Result<Self> {
        source.variable()
    }
}

macro_rules! configuration {
    ($($type:ty),* $(,)?) => {$(
        #[diagnostic::do_not_recommend]
        impl Field for $type {
            fn visit(&self, visitor: &mut Visitor<'_>) {
                visitor.value(self);
            }

            fn rebuild(source: &mut Source<'_>) -> Result<Self> {
                source.value()
            }
        }
    )*};
}

configuration!(
    bool,
    char,
    String,
    f32,
    f64,
    i8,
    i16,
    i32,
    i64,
    i128,
    isize,
    u8,
    u16,
    u32,
    u64,
    u128,
    usize,
    DType,
    Dim,
    Shape,
    (),
);

impl<F: Field> Field for Vec<F> {
    fn visit(&self, visitor: &mut Visitor<'_>) {
        visitor.list(self);
    }

    fn rebuild(source: &mut Source<'_>) -> Result<Self> {
        source.list()
    }
}

impl<F: Field, const N: usize> Field for [F; N] {
    fn visit(&self, visitor: &mut Visitor<'_>) {
        visitor.list(self);
    }

    fn rebuild(source: &mut Source<'_>) -> Result<Self> {
        let items = source.list::<F>()?;
        items
            .try_into()
            .map_err(|items: Vec<F>| source.fail(format!("it has {} items instead of {N}", items.len())))
    }
}

impl<F: Field> Field for Option<F> {
    fn visit(&self, visitor: &mut Visitor<'_>) {
        match self {
            Some(field) => field.visit(visitor),
            None => visitor.nothing(),
        }
    }

    fn rebuild(source: &mut Source<'_>) -> Result<Self> {
        if source.is_nothing()? { Ok(None) } else { F::rebuild(source).map(Some) }
    }
}

/// A marker of a type holds nothing, so nothing is asked of that type.
#[diagnostic::do_not_recommend]
impl<T: ?Sized> Field for PhantomData<T> {
    fn visit(&self, visitor: &mut Visitor<'_>) {
        visitor.nothing();
    }

    fn rebuild(_: &mut Source<'_>) -> Result<Self> {
        Ok(Self)
    }
}

/// A boxed module is the module; other fields need no box.
#[diagnostic::do_not_recommend]
impl<M: Module> Module for Box<M> {
    const TYPE: ModuleType = M::TYPE;

    fn visit(&self, visitor: &mut Visitor<'_>) {
        visitor.stands_for::<M>(self);
        (**self).visit(visitor);
    }

    fn rebuild(source: &mut Source<'_>) -> Result<Self> {
        M::rebuild(source).map(Self::new)
    }
}

impl<F: Field + Send + Sync + 'static> Field for Arc<F> {
    fn visit(&self, visitor: &mut Visitor<'_>) {
        visitor.shared::<F>(self, |visitor| (**self).visit(visitor));
    }

    fn rebuild(source: &mut Source<'_>) -> Result<Self> {
        source.shared(F::rebuild)
    }
}

impl Field for Box<dyn Layer> {
    fn visit(&self, visitor: &mut Visitor<'_>) {
        (**self).visit_registered(Kind::Layer, visitor);
    }

    fn rebuild(source: &mut Source<'_>) -> Result<Self> {
        super::layer::rebuild_registered(source)
    }
}

impl<F: Field> Field for BTreeMap<String, F> {
    fn visit(&self, visitor: &mut Visitor<'_>) {
        visitor.map(self);
    }

    fn rebuild(source: &mut Source<'_>) -> Result<Self> {
        Ok(sorted::map(source.map()?))
    }
}

impl<F: Field, S: BuildHasher + Default> Field for HashMap<String, F, S> {
    fn visit(&self, visitor: &mut Visitor<'_>) {
        visitor.map(self);
    }

    fn rebuild(source: &mut Source<'_>) -> Result<Self> {
        Ok(source.map()?.into_iter().collect())
    }
}

macro_rules! tuples {
    ($($length:literal: $($name:ident $index:tt),*;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<$($name: Field),*> Field for ($($name,)*) {
            fn visit(&self, visitor: &mut Visitor<'_>) {
                visitor.group(ObjectKind::List, |visitor| {
                    $(visitor.field(stringify!($index), FieldRole::Inherit, &self.$index);)*
                });
            }

            fn rebuild(source: &mut Source<'_>) -> Result<Self> {
                Ok(($(source.item::<$name>($index, $length)?,)*))
            }
        }
    )*};
}

tuples! {
    1: A 0;
    2: A 0, B 1;
    3: A 0, B 1, C 2;
    4: A 0, B 1, C 2, D 3;
    5: A 0, B 1, C 2, D 3, E 4;
    6: A 0, B 1, C 2, D 3, E 4, F 5;
    7: A 0, B 1, C 2, D 3, E 4, F 5, G 6;
    8: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7;
}

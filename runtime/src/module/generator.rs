//! Random generators as fields of modules.

use super::field::{FieldRole, Module, ModuleType};
use super::source::{FieldName, Source};
use super::visitor::Visitor;
use crate::error::Result;
use crate::random::Generator;

#[diagnostic::do_not_recommend]
impl Module for Generator {
    const TYPE: ModuleType = ModuleType::new("holotype::random::Generator", &[]);

    fn visit(&self, visitor: &mut Visitor<'_>) {
        visitor.field("state", FieldRole::State, self.state());
    }

    fn rebuild(source: &mut Source<'_>) -> Result<Self> {
        source.field(FieldName::new("state", &[])).map(Self::from_state)
    }
}

//! Compositions: functions written with the operations of tensors, and nothing else.

mod arithmetic;

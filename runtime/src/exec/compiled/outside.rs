//! What comes into a call, and where what comes out goes.

use arrayvec::ArrayVec;

use crate::tensor::{Buffer, Data, Storage};

/// The inputs and outputs of a call.
pub(super) enum Outside<'a, 'b> {
    /// Tensors that the call owns, and memory for its results.
    Own { inputs: Vec<Data>, outputs: Vec<Buffer> },
    /// Tensors of the caller, and memory for results.
    Lent { inputs: &'a [&'a Data], outputs: &'a mut [Buffer] },
    /// Memory of the caller.
    Caller { inputs: &'a [&'a [u8]], outputs: &'a mut [&'b mut [u8]] },
}

/// The inputs of a call, to be read.
pub(super) enum Inputs<'a> {
    Own(&'a [Data]),
    Lent(&'a [&'a Data]),
    Caller(&'a [&'a [u8]]),
}

impl<'a> Inputs<'a> {
    pub fn get(&self, index: usize) -> Option<&'a [u8]> {
        match self {
            Self::Own(inputs) => inputs.get(index).map(Data::bytes),
            Self::Lent(inputs) => inputs.get(index).map(|input| input.bytes()),
            Self::Caller(inputs) => inputs.get(index).copied(),
        }
    }
}

/// Outputs with their numbers.
pub(super) type Outputs<'a, const N: usize> = ArrayVec<(usize, &'a mut [u8]), N>;

impl Outside<'_, '_> {
    pub fn input(&self, index: usize) -> Option<&[u8]> {
        match self {
            Self::Own { inputs, .. } => inputs.get(index).map(Data::bytes),
            Self::Lent { inputs, .. } => inputs.get(index).map(|input| input.bytes()),
            Self::Caller { inputs, .. } => inputs.get(index).copied(),
        }
    }

    /// An input, if it is a tensor.
    pub fn input_data(&self, index: usize) -> Option<Data> {
        match self {
            Self::Own { inputs, .. } => inputs.get(index).cloned(),
            Self::Lent { inputs, .. } => inputs.get(index).copied().cloned(),
            Self::Caller { .. } => None,
        }
    }

    pub fn output(&self, index: usize) -> Option<&[u8]> {
        match self {
            Self::Own { outputs, .. } => outputs.get(index).map(Storage::bytes),
            Self::Lent { outputs, .. } => outputs.get(index).map(Storage::bytes),
            Self::Caller { outputs, .. } => outputs.get(index).map(|output| &**output),
        }
    }

    /// The inputs; puts those outputs that are meant into a list.
    pub fn parts<'s, const N: usize>(&'s mut self, meant: &[usize], list: &mut Outputs<'s, N>) -> Inputs<'s> {
        let is_meant = |index: &usize| meant.contains(index);
        match self {
            Self::Own { inputs, outputs } => {
                list.extend(own(outputs).filter(|(index, _)| is_meant(index)));
                Inputs::Own(inputs)
            }
            Self::Lent { inputs, outputs } => {
                list.extend(own(outputs).filter(|(index, _)| is_meant(index)));
                Inputs::Lent(inputs)
            }
            Self::Caller { inputs, outputs } => {
                let outputs = outputs.iter_mut().enumerate().filter(|(index, _)| is_meant(index));
                list.extend(outputs.map(|(index, output)| (index, &mut **output)));
                Inputs::Caller(inputs)
            }
        }
    }
}

/// Outputs with their numbers.
fn own(outputs: &mut [Buffer]) -> impl Iterator<Item = (usize, &mut [u8])> {
    outputs.iter_mut().enumerate().map(|(index, output)| (index, output.bytes_mut()))
}

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

    /// The inputs, and those outputs that are meant.
    pub fn parts<const N: usize>(&mut self, meant: impl Fn(usize) -> bool) -> (Inputs<'_>, Outputs<'_, N>) {
        fn own<'a, const N: usize>(
            outputs: &'a mut [Buffer],
            meant: impl Fn(usize) -> bool,
        ) -> Outputs<'a, N> {
            let outputs = outputs.iter_mut().enumerate().filter(|(index, _)| meant(*index));
            outputs.map(|(index, output)| (index, output.bytes_mut())).collect()
        }
        match self {
            Self::Own { inputs, outputs } => (Inputs::Own(inputs), own(outputs, meant)),
            Self::Lent { inputs, outputs } => (Inputs::Lent(inputs), own(outputs, meant)),
            Self::Caller { inputs, outputs } => {
                let outputs = outputs.iter_mut().enumerate().filter(|(index, _)| meant(*index));
                (Inputs::Caller(inputs), outputs.map(|(index, output)| (index, &mut **output)).collect())
            }
        }
    }
}

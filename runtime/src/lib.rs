//! The runtime of Holotype.

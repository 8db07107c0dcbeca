//! What the machine can do without the product: the other half of every ratio.

pub(crate) mod bare;
pub(crate) mod hash;
pub(crate) mod inserts;
pub(crate) mod pgbench;
pub(crate) mod signatures;

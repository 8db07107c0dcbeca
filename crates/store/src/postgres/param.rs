//! Values that say which PostgreSQL type they are, so that a statement can travel without having been
//! prepared. Each Rust type stands for exactly one; what is not here cannot be a parameter.

use std::time::SystemTime;

use tokio_postgres::types::{ToSql, Type};
use uuid::Uuid;

/// A parameter of a statement.
pub(super) trait Param: ToSql {
    /// Its type on the server.
    fn kind(&self) -> Type;
}

macro_rules! params {
    ($($rust:ty => $one:ident, $many:ident;)*) => {$(
        impl Param for $rust {
            fn kind(&self) -> Type {
                Type::$one
            }
        }
        impl Param for Option<$rust> {
            fn kind(&self) -> Type {
                Type::$one
            }
        }
        impl Param for Vec<$rust> {
            fn kind(&self) -> Type {
                Type::$many
            }
        }
        impl Param for Option<Vec<$rust>> {
            fn kind(&self) -> Type {
                Type::$many
            }
        }
        impl Param for Vec<Option<$rust>> {
            fn kind(&self) -> Type {
                Type::$many
            }
        }
    )*};
}

params! {
    Uuid => UUID, UUID_ARRAY;
    bool => BOOL, BOOL_ARRAY;
    &str => TEXT, TEXT_ARRAY;
    String => TEXT, TEXT_ARRAY;
    &[u8] => BYTEA, BYTEA_ARRAY;
    i32 => INT4, INT4_ARRAY;
    i64 => INT8, INT8_ARRAY;
    f64 => FLOAT8, FLOAT8_ARRAY;
    SystemTime => TIMESTAMPTZ, TIMESTAMPTZ_ARRAY;
}

impl<T: Param> Param for &T {
    fn kind(&self) -> Type {
        (**self).kind()
    }
}

impl Param for &[String] {
    fn kind(&self) -> Type {
        Type::TEXT_ARRAY
    }
}

//! Numbered migrations, the same numbers for both engines, embedded in the binary.
//!
//! Each file opens with `-- compatible-with: N`: the oldest release schema that can still work with the
//! result. So release N and N+1 run side by side, and N+1 can be rolled back (expand, then contract).

/// One numbered step of the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Migration {
    /// Its number; consecutive from 1.
    pub version: i32,
    /// What it is called.
    pub name: &'static str,
    /// Its statements.
    pub sql: &'static str,
}

/// What a database says about its schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schema {
    /// The highest version applied; 0 for an empty database.
    pub applied: i32,
    /// The oldest version that a release must know to work with it.
    pub required: i32,
    /// The highest version that this release knows.
    pub known: i32,
}

impl Schema {
    /// Whether this release can serve with it as it is.
    pub fn is_acceptable(&self) -> bool {
        self.applied >= self.known && self.required <= self.known
    }
}

impl Migration {
    /// The oldest schema version a release must know to work with the result.
    pub fn compatible_with(&self) -> i32 {
        self.sql
            .lines()
            .find_map(|line| line.strip_prefix("-- compatible-with: "))
            .and_then(|number| number.trim().parse().ok())
            .unwrap_or(self.version)
    }
}

macro_rules! migrations {
    ($($version:literal $name:literal),* $(,)?) => {
        pub(crate) const POSTGRES: &[Migration] = &[$(Migration {
            version: $version,
            name: $name,
            sql: include_str!(concat!("../../../migrations/postgres/", $name, ".sql")),
        },)*];
        pub(crate) const SQLITE: &[Migration] = &[$(Migration {
            version: $version,
            name: $name,
            sql: include_str!(concat!("../../../migrations/sqlite/", $name, ".sql")),
        },)*];
    };
}

migrations! {
    1 "0001_core",
    2 "0002_document_with_user",
    3 "0003_numbered_users",
    4 "0004_mail_and_administrators",
    5 "0005_applications",
    6 "0006_pushed_requests",
    7 "0007_device_codes",
    8 "0008_registrations",
    9 "0009_logout",
    10 "0010_client_deletion",
    11 "0011_client_keys",
    12 "0012_refresh_keys",
    13 "0013_grants_by_day",
}

/// The highest version that this release knows.
pub(crate) fn known() -> i32 {
    POSTGRES.last().map_or(0, |migration| migration.version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn migrations_are_consecutive_and_say_what_they_are_compatible_with() {
        for engine in [POSTGRES, SQLITE] {
            for (index, migration) in engine.iter().enumerate() {
                assert_eq!(migration.version, index as i32 + 1);
                assert!(migration.sql.starts_with("-- compatible-with: "), "{}", migration.name);
                assert!(migration.compatible_with() <= migration.version);
            }
        }
    }
}

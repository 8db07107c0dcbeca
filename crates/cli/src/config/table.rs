//! Every setting, on one page: its key in the file, its flag, its variable, its default, its meaning.
//!
//! Help texts, `config show`, `config example`, the check for misspelt keys and the table of the README
//! are all made from this.

/// One setting.
pub(crate) struct Setting {
    /// Key in the configuration file; the flag is the same with dashes.
    pub(crate) key: &'static str,
    /// Environment variable. Every one also works as `NAME_FILE`, naming a file that holds the value.
    pub(crate) env: &'static str,
    /// What applies when nothing is said; empty for none.
    pub(crate) default: &'static str,
    /// One sentence.
    pub(crate) help: &'static str,
    /// Never a flag, never shown.
    pub(crate) secret: bool,
}

const fn plain(
    key: &'static str,
    env: &'static str,
    default: &'static str,
    help: &'static str,
) -> Setting {
    Setting { key, env, default, help, secret: false }
}

const fn secret(key: &'static str, env: &'static str, help: &'static str) -> Setting {
    Setting { key, env, default: "", help, secret: true }
}

/// All settings, in the order in which they are shown.
pub(crate) const SETTINGS: &[Setting] = &[
    plain("listen", "LISTEN_ADDR", "127.0.0.1:8080", "Address and port of the public listener"),
    plain("port", "PORT", "", "Port of the public listener, if it is to be set apart"),
    plain(
        "management_listen",
        "MANAGEMENT_LISTEN",
        "127.0.0.1:9464",
        "Address of probes and metrics; the next free port for each further process; or off",
    ),
    secret(
        "database_url",
        "DATABASE_URL",
        "sqlite:PATH (default: in the data folder) or postgres://…",
    ),
    plain(
        "data_dir",
        "TOKENHOUSE_DATA_DIR",
        "./data",
        "Folder of the embedded database and its secret",
    ),
    secret("secret", "TOKENHOUSE_SECRET", "Root secret: id:key,… the first writes, all read"),
    plain("public_url", "PUBLIC_URL", "", "Where people reach this server"),
    plain("site_name", "TOKENHOUSE_SITE_NAME", "Tokenhouse", "What the pages call this place"),
    plain(
        "templates",
        "TOKENHOUSE_TEMPLATES",
        "",
        "Folder whose templates, messages and assets replace those of the pages",
    ),
    plain(
        "trusted_proxies",
        "TRUSTED_PROXIES",
        "",
        "Networks whose word on the client's address counts",
    ),
    plain("log_level", "LOG_LEVEL", "info", "error, warn, info or debug"),
    plain("log_format", "LOG_FORMAT", "auto", "json, text, or auto: text on a terminal"),
    plain("access_log", "TOKENHOUSE_ACCESS_LOG", "on", "One line for each request: on or off"),
    plain("processes", "WEB_CONCURRENCY", "1", "How many processes share the listener"),
    plain(
        "max_requests",
        "TOKENHOUSE_MAX_REQUESTS",
        "",
        "A process ends after so many and is replaced",
    ),
    plain(
        "show_process",
        "TOKENHOUSE_SHOW_PROCESS",
        "off",
        "Name the answering process in each answer",
    ),
    plain(
        "session_idle",
        "TOKENHOUSE_SESSION_IDLE",
        "14d",
        "A session ends after so long without use",
    ),
    plain(
        "session_absolute",
        "TOKENHOUSE_SESSION_ABSOLUTE",
        "90d",
        "A session ends after so long at last",
    ),
    plain("password_min", "TOKENHOUSE_PASSWORD_MIN", "8", "Fewest characters of a new password"),
    plain(
        "registration",
        "TOKENHOUSE_REGISTRATION",
        "open",
        "Who may make an account: open, invitation or closed",
    ),
    plain(
        "email_policy",
        "TOKENHOUSE_EMAIL",
        "optional",
        "A person's e-mail address: optional, required or confirmed",
    ),
    plain(
        "invitation_lifetime",
        "TOKENHOUSE_INVITATION_LIFETIME",
        "7d",
        "How long an invitation may be used",
    ),
    plain(
        "confirmation_lifetime",
        "TOKENHOUSE_CONFIRMATION_LIFETIME",
        "24h",
        "How long a link that confirms an address may be used",
    ),
    plain(
        "recovery_lifetime",
        "TOKENHOUSE_RECOVERY_LIFETIME",
        "10m",
        "How long a link to a new password may be used",
    ),
    plain(
        "delete_grace",
        "TOKENHOUSE_DELETE_GRACE",
        "7d",
        "How long one can think again before an account is deleted; 0s: not at all",
    ),
    plain(
        "bootstrap_admin_email",
        "BOOTSTRAP_ADMIN_EMAIL",
        "",
        "Makes the first administrator at the first start, without a setup link",
    ),
    secret("bootstrap_admin_password", "BOOTSTRAP_ADMIN_PASSWORD", "Her password"),
    secret(
        "smtp_url",
        "TOKENHOUSE_SMTP_URL",
        "Who sends mails: smtp://user:password@host:587 or smtps://…; needs PUBLIC_URL",
    ),
    plain(
        "smtp_ca",
        "TOKENHOUSE_SMTP_CA",
        "",
        "File with the certificate of the mail server's authority, if it is not the system's",
    ),
    plain(
        "mail_from",
        "TOKENHOUSE_MAIL_FROM",
        "",
        "Who mails are from: Name <address>; no-reply@ the host of PUBLIC_URL if unset",
    ),
    plain(
        "mail_retry_for",
        "TOKENHOUSE_MAIL_RETRY_FOR",
        "3d",
        "How long sending a mail is tried before it is given up",
    ),
    plain(
        "dev_outbox",
        "TOKENHOUSE_DEV_OUTBOX",
        "auto",
        "Mails to read at /dev/outbox instead of sending them; auto: embedded, on loopback",
    ),
    plain("argon2_memory", "TOKENHOUSE_ARGON2_MEMORY", "19456", "Memory of a password hash in KiB"),
    plain("argon2_iterations", "TOKENHOUSE_ARGON2_ITERATIONS", "2", "Passes of a password hash"),
    plain("argon2_parallelism", "TOKENHOUSE_ARGON2_PARALLELISM", "1", "Lanes of a password hash"),
    plain(
        "argon2_implementation",
        "TOKENHOUSE_ARGON2_IMPLEMENTATION",
        "fast",
        "Who computes it: fast (wide registers) or portable",
    ),
    plain(
        "hash_permits",
        "TOKENHOUSE_HASH_PERMITS",
        "auto",
        "Passwords hashed at once; auto: one a core",
    ),
    plain(
        "hash_budget",
        "TOKENHOUSE_HASH_BUDGET",
        "5s",
        "How long a password may wait to be hashed",
    ),
    plain(
        "login_limit_account",
        "TOKENHOUSE_LOGIN_LIMIT_ACCOUNT",
        "10/15m",
        "Failed logins an account, or off",
    ),
    plain(
        "login_limit_address",
        "TOKENHOUSE_LOGIN_LIMIT_ADDRESS",
        "100/15m",
        "Failed logins an address, or off",
    ),
    plain(
        "registration_limit",
        "TOKENHOUSE_REGISTRATION_LIMIT",
        "off",
        "New accounts a client address, or off",
    ),
    plain(
        "recovery_limit",
        "TOKENHOUSE_RECOVERY_LIMIT",
        "20/15m",
        "Askings for a new password a client address, or off",
    ),
    plain("mail_limit", "TOKENHOUSE_MAIL_LIMIT", "5/1h", "Mails of a kind to one address, or off"),
    plain("data_max_bytes", "TOKENHOUSE_DATA_MAX_BYTES", "65536", "Largest user document in bytes"),
    plain(
        "data_schema",
        "TOKENHOUSE_DATA_SCHEMA",
        "",
        "File with a JSON Schema for user documents",
    ),
    plain(
        "request_timeout",
        "TOKENHOUSE_REQUEST_TIMEOUT",
        "10s",
        "How long a request may take in all",
    ),
    plain(
        "header_timeout",
        "TOKENHOUSE_HEADER_TIMEOUT",
        "10s",
        "How long a request's head may take",
    ),
    plain("idle_timeout", "TOKENHOUSE_IDLE_TIMEOUT", "75s", "How long a connection may be idle"),
    plain(
        "max_connections",
        "TOKENHOUSE_MAX_CONNECTIONS",
        "10000",
        "Most connections of a process",
    ),
    plain("drain_delay", "TOKENHOUSE_DRAIN_DELAY", "2s", "From SIGTERM until no more is accepted"),
    plain("drain_timeout", "TOKENHOUSE_DRAIN_TIMEOUT", "20s", "What requests in flight get then"),
    plain(
        "db_connections",
        "TOKENHOUSE_DB_CONNECTIONS",
        "12",
        "PostgreSQL connections of a process, 4 of them for batches",
    ),
    plain(
        "db_batch",
        "TOKENHOUSE_DB_BATCH",
        "64",
        "Most reads that one PostgreSQL statement serves; four times as many openings of sessions",
    ),
    plain(
        "db_prepare",
        "TOKENHOUSE_DB_PREPARE",
        "on",
        "Prepare statements; off behind pgbouncer in transaction mode",
    ),
    plain(
        "db_connect_timeout",
        "TOKENHOUSE_DB_CONNECT_TIMEOUT",
        "1s",
        "Longest wait for a connection",
    ),
    plain("db_statement_timeout", "TOKENHOUSE_DB_STATEMENT_TIMEOUT", "2s", "Longest statement"),
    plain(
        "cleanup_interval",
        "TOKENHOUSE_CLEANUP_INTERVAL",
        "5m",
        "How often expired rows are deleted",
    ),
    plain(
        "task_lease",
        "TOKENHOUSE_TASK_LEASE",
        "30s",
        "After that a killed worker's task is another's",
    ),
    plain(
        "audit_retention",
        "TOKENHOUSE_AUDIT_RETENTION",
        "365d",
        "How long the audit trail is kept",
    ),
];

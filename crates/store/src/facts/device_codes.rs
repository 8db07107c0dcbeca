//! Devices that ask to sign somebody in, and what she decides.

use std::time::Duration;

use tokenhouse_rules::id::CodeId;
use tokenhouse_rules::limit::{Cost, Verdict};
use tokenhouse_rules::time::Timestamp;

use super::{Client, SessionKey, Trail};

/// A device code to be issued.
#[derive(Clone, Debug)]
pub struct NewDeviceCode {
    /// Identifier, made before the write.
    pub id: CodeId,
    /// SHA-256 of its random secret.
    pub secret_hash: [u8; 32],
    /// What is typed, in capital letters.
    pub user_code: String,
    /// The client.
    pub client: String,
    /// What is asked for, a JSON object.
    pub asked: String,
    /// From where.
    pub address: Option<String>,
    /// What the device calls itself.
    pub user_agent: Option<String>,
    /// How long it may be decided and redeemed, from the database's time on.
    pub lifetime: Duration,
    /// The throttle key of the address, and what an attempt costs it, where there is a limit.
    pub limit: Option<(String, Cost)>,
}

/// How issuing a device code ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceIssued {
    /// It is there.
    Done,
    /// What would be typed is another device's: another one has to be made.
    Taken,
    /// There is no such client, or it is disabled.
    NoClient,
    /// The address asks too often; after this time it may again.
    Limited(Duration),
}

/// A question for the device that shows a code. It is counted first.
#[derive(Clone, Debug)]
pub struct FindDevice {
    /// What was typed, in capital letters.
    pub user_code: String,
    /// The throttle key of the address, and what an attempt costs it, where there is a limit.
    pub address: Option<(String, Cost)>,
    /// The same of the account.
    pub account: Option<(String, Cost)>,
}

/// The answer to it.
#[derive(Clone, Debug)]
pub struct DeviceFound {
    /// Whether the attempt may go ahead; if not, nothing was looked up.
    pub verdict: Verdict,
    /// The device that waits for a decision.
    pub device: Option<Device>,
}

/// A device that asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// Its code.
    pub id: CodeId,
    /// What is typed, in capital letters.
    pub user_code: String,
    /// The client.
    pub client: String,
    /// What is asked for, a JSON object.
    pub asked: String,
    /// From where.
    pub address: Option<String>,
    /// What the device calls itself.
    pub user_agent: Option<String>,
    /// Since when.
    pub created_at: Timestamp,
}

/// What a person decides on the word of her session.
#[derive(Clone, Debug)]
pub struct DecideDevice {
    /// Which device.
    pub id: CodeId,
    /// Her session.
    pub session: SessionKey,
    /// What she allows; nothing when she refuses.
    pub allowed: Option<Allowed>,
    /// The audit row.
    pub trail: Trail,
}

/// What is allowed.
#[derive(Clone, Debug)]
pub struct Allowed {
    /// What is authorized, a JSON object.
    pub authorized: String,
    /// What she agrees to from now on, space-separated and sorted, in the place of what she agreed to before.
    pub consent: String,
}

/// How a device stands when it comes for its tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nobody has decided.
    Waiting,
    /// Nobody has decided, and it came sooner than it may.
    Hasty,
    /// She refused.
    Denied,
    /// She allowed it: the code of the same identifier says what it is worth now.
    Allowed,
    /// It is past its time, and she did not allow it.
    Over,
}

/// A device code as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceCode {
    /// SHA-256 of its random secret.
    pub secret_hash: [u8; 32],
    /// Whose it is.
    pub client: String,
    /// How it stands.
    pub standing: Standing,
}

/// What a poll is judged by.
#[derive(Clone, Debug)]
pub struct DeviceFacts {
    /// The database's time.
    pub now: Timestamp,
    /// The client that presents the code, disabled or not.
    pub client: Option<Client>,
    /// The code.
    pub code: Option<DeviceCode>,
}

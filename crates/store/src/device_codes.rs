//! What is remembered of devices that ask to sign somebody in (RFC 8628), under the same rules as [`crate::Store`].

use std::time::Duration;

use async_trait::async_trait;
use tokenhouse_rules::id::CodeId;

use crate::{
    DecideDevice, Device, DeviceFacts, DeviceFound, DeviceIssued, FindDevice, NewDeviceCode, Result,
};

/// Device codes, from the device that asks to the person who decides. What she allowed is redeemed as any code
/// ([`crate::Applications::redeem_code`]).
#[async_trait]
pub trait DeviceCodes: Send + Sync + 'static {
    /// Issues a device code, after counting an attempt of the address where there is a limit. Repeating it with
    /// the same id is success, and counts nothing.
    async fn issue_device_code(&self, new: NewDeviceCode) -> Result<DeviceIssued>;

    /// Counts an attempt, then looks for the device that shows the code and waits for a decision.
    async fn find_device(&self, question: FindDevice) -> Result<DeviceFound>;

    /// A device whose time is not over, decided or not.
    async fn device(&self, id: CodeId) -> Result<Option<Device>>;

    /// Decides, on the word of a living session. What is allowed can be redeemed from now on, and consent is
    /// remembered. `false`, and nothing is written, when session, client or device are not what they were, or
    /// somebody has decided already; one's own repetition passes.
    async fn decide_device(&self, decision: DecideDevice) -> Result<bool>;

    /// The client and its device code, in one question, which is noted while nobody has decided: one that comes
    /// sooner than `pace` after the one before it is hasty.
    async fn device_facts(&self, client: &str, code: CodeId, pace: Duration)
    -> Result<DeviceFacts>;
}

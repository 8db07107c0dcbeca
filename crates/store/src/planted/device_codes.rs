//! Nothing of device codes is broken: all of it is passed on.

use std::time::Duration;

use async_trait::async_trait;
use tokenhouse_rules::id::CodeId;

use super::broken::Broken;
use crate::{
    DecideDevice, Device, DeviceCodes, DeviceFacts, DeviceFound, DeviceIssued, FindDevice,
    NewDeviceCode, Result,
};

#[async_trait]
impl DeviceCodes for Broken {
    async fn issue_device_code(&self, new: NewDeviceCode) -> Result<DeviceIssued> {
        self.sound.issue_device_code(new).await
    }

    async fn find_device(&self, question: FindDevice) -> Result<DeviceFound> {
        self.sound.find_device(question).await
    }

    async fn device(&self, id: CodeId) -> Result<Option<Device>> {
        self.sound.device(id).await
    }

    async fn decide_device(&self, decision: DecideDevice) -> Result<bool> {
        self.sound.decide_device(decision).await
    }

    async fn device_facts(
        &self,
        client: &str,
        code: CodeId,
        pace: Duration,
    ) -> Result<DeviceFacts> {
        self.sound.device_facts(client, code, pace).await
    }
}

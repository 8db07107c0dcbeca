//! Devices that ask, and guesses at their codes, are counted before anything else.

use std::time::Duration;

use futures_util::future::join_all;
use tokenhouse_rules::limit::{Scope, Verdict};
use tokenhouse_store::{DeviceIssued, FindDevice, NewDeviceCode, Result};

use crate::Outcome;
use crate::applications::person_and_client;
use crate::bench::Bench;
use crate::device_codes::{issue, new, typed};
use crate::make::cost;

pub(crate) async fn devices_of_one_address_are_counted(bench: &Bench) -> Outcome {
    person_and_client(bench).await?;
    let limit = Some(("di:a:192.0.2.9".to_owned(), cost("2/1h")));
    for (number, repeated) in [(1, 1), (2, 2), (3, 0)] {
        for _ in 0..=repeated {
            let new = NewDeviceCode { limit: limit.clone(), ..new(number) };
            let issued = bench.either(repeated).issue_device_code(new).await?;
            let is_limited = matches!(issued, DeviceIssued::Limited(wait) if wait > Duration::ZERO);
            assert_eq!(is_limited, number == 3, "{number}: {issued:?}");
        }
    }
    let other = NewDeviceCode { limit: Some(("other".to_owned(), cost("2/1h"))), ..new(4) };
    assert_eq!(bench.a.issue_device_code(other).await?, DeviceIssued::Done);
    assert_eq!(bench.rows("device_codes").await, 3);
    Ok(())
}

/// Over a limit even the right code is not found.
pub(crate) async fn guesses_at_codes_are_counted_before_they_are_looked_up(
    bench: &Bench,
) -> Outcome {
    person_and_client(bench).await?;
    issue(bench, 1).await?;
    let ask = |number, address: &str, account: &str| FindDevice {
        user_code: typed(number),
        address: Some((address.to_owned(), cost("4/1h"))),
        account: Some((account.to_owned(), cost("3/1h"))),
    };
    for number in [2, 3, 1] {
        let answer = bench.either(number as usize).find_device(ask(number, "a", "u")).await?;
        assert_eq!((answer.verdict, answer.device.is_some()), (Verdict::Admitted, number == 1));
    }
    for (address, account, by) in
        [("a", "u", Some(Scope::Account)), ("a", "v", Some(Scope::Address)), ("b", "v", None)]
    {
        let answer = bench.b.find_device(ask(1, address, account)).await?;
        let refused = match answer.verdict {
            Verdict::Refused { by, wait } if wait > Duration::ZERO => Some(by),
            _ => None,
        };
        assert_eq!(refused, by, "{address} {account}: {:?}", answer.verdict);
        assert_eq!(answer.device.is_some(), by.is_none());
    }
    let uses = (0..20).map(|number| bench.either(number).find_device(ask(1, "c", "w")));
    let answers = join_all(uses).await.into_iter().collect::<Result<Vec<_>>>()?;
    assert_eq!(answers.iter().filter(|answer| answer.device.is_some()).count(), 3);
    Ok(())
}

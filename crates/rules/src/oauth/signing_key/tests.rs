//! Lives of keys, walked through instant by instant.

use super::*;

const START: Timestamp = Timestamp::from_micros(1_800_000_000_000_000);
const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(86_400);
const ALGORITHM: Algorithm = Algorithm::ES256;

fn schedule() -> Schedule {
    Schedule::new(DAY, 5 * MINUTE, 10 * MINUTE)
}

/// What becomes of a key that is made at `now`.
fn made(due: &Due, now: Timestamp) -> Life {
    let instants = Instants {
        activate_at: now.plus(due.activate),
        retire_at: now.plus(due.retire),
        remove_at: now.plus(due.remove),
    };
    Life { algorithm: ALGORITHM, number: due.number, instants }
}

#[test]
fn a_schedule_waits_twice_for_those_who_hold_keys_and_once_for_the_longest_token() {
    let schedule = schedule();
    assert_eq!(schedule.publish_before, 11 * MINUTE);
    assert_eq!(schedule.keep_after, 11 * MINUTE);
    assert_eq!(schedule.rotate_every, DAY);
    let hasty = Schedule::new(MINUTE, 5 * MINUTE, 10 * MINUTE);
    assert_eq!(hasty.rotate_every, 33 * MINUTE);
    let endless = Schedule::new(Duration::MAX, Duration::MAX, Duration::MAX);
    assert_eq!(next::<Life>(&[], START, &endless, ALGORITHM).map(|due| due.number), Some(1));
}

#[test]
fn stages_follow_from_instants_alone() {
    let at = |minutes: u32| START.plus(minutes * MINUTE);
    let instants = Instants { activate_at: at(1), retire_at: at(2), remove_at: at(3) };
    let stages = [0, 1, 2, 3, 4].map(|minutes| stage(at(minutes), &instants));
    let expected =
        [Stage::Published, Stage::Active, Stage::Retired, Stage::Removed, Stage::Removed];
    assert_eq!(stages, expected);
    assert_eq!(stage(at(2).minus(Duration::from_micros(1)), &instants), Stage::Active);
    let never = Instants { activate_at: at(5), ..instants };
    assert_eq!(stage(at(2), &never), Stage::Retired, "retired before it began");
}

#[test]
fn the_first_key_of_an_algorithm_signs_at_once_and_every_process_asks_for_the_same() {
    let due = next::<Life>(&[], START, &schedule(), ALGORITHM).expect("none is there");
    let retire = DAY;
    let remove = DAY + 11 * MINUTE;
    assert_eq!(due, Due { number: 1, activate: Duration::ZERO, retire, remove });
    let keys = [made(&due, START)];
    assert_eq!(choose(&keys, START, ALGORITHM), Some(&keys[0]));
    assert_eq!(next(&keys, START, &schedule(), ALGORITHM), None);
    assert_eq!(choose(&keys, START, Algorithm::EdDSA), None);
    let other = next(&keys, START, &schedule(), Algorithm::EdDSA).expect("none of it is there");
    assert_eq!(other.number, 1);
}

#[test]
fn published_keys_always_hold_a_key_before_it_signs_and_as_long_as_its_tokens_are_good() {
    let schedule = schedule();
    let longest_token = 10 * MINUTE;
    let mut keys: Vec<Life> = Vec::new();
    let mut created: Vec<Timestamp> = Vec::new();
    let mut last_signed: Vec<Timestamp> = Vec::new();
    let mut now = START;
    while now < START.plus(20 * DAY) {
        if let Some(due) = next(&keys, now, &schedule, ALGORITHM) {
            assert_eq!(due.number, keys.len() as i64 + 1, "numbered one by one");
            keys.push(made(&due, now));
            created.push(now);
            last_signed.push(now);
        }
        let chosen = choose(&keys, now, ALGORITHM).expect("something always signs");
        let index = keys.iter().position(|key| key == chosen).expect("one of them");
        if index > 0 {
            assert!(now.since(created[index]) >= schedule.publish_before, "{now:?}");
        }
        last_signed[index] = now;
        for (key, last) in keys.iter().zip(&last_signed) {
            if now.since(*last) <= longest_token + SKEW {
                let stage = stage(now, &key.instants);
                assert_ne!(stage, Stage::Removed, "{now:?} {}", key.number);
            }
        }
        // Of no common measure with the schedule, so that all of it is met.
        now = now.plus(Duration::from_secs(617));
    }
    assert_eq!(keys.len(), 21, "one a day");
}

#[test]
fn the_newest_active_key_signs_even_while_an_older_one_could() {
    let first = made(&rotate::<Life>(&[], START, &schedule(), ALGORITHM), START);
    let due = rotate(&[first], START, &schedule(), ALGORITHM);
    assert_eq!((due.number, due.activate), (2, 11 * MINUTE), "made early, on somebody's word");
    let keys = [made(&due, START), first];
    let signs =
        |minutes: u32| choose(&keys, START.plus(minutes * MINUTE), ALGORITHM).map(|key| key.number);
    assert_eq!((signs(10), signs(11)), (Some(1), Some(2)));
}

#[test]
fn after_a_long_sleep_the_next_key_signs_at_once_rather_than_nothing() {
    let first = made(&rotate::<Life>(&[], START, &schedule(), ALGORITHM), START);
    let late = |left: Duration| {
        let now = first.instants.retire_at.minus(left);
        next(&[first], now, &schedule(), ALGORITHM).map(|due| (due.number, due.activate))
    };
    assert_eq!(late(22 * MINUTE), None);
    assert_eq!(late(21 * MINUTE), Some((2, 11 * MINUTE)));
    assert_eq!(late(5 * MINUTE), Some((2, 5 * MINUTE)), "when the first one ends");
    assert_eq!(late(Duration::ZERO), Some((2, Duration::ZERO)));
    let year = first.instants.retire_at.plus(365 * DAY);
    let due = next(&[first], year, &schedule(), ALGORITHM).expect("nothing signs");
    assert_eq!((due.number, due.activate), (2, Duration::ZERO));
}

#[test]
fn a_gap_between_two_keys_is_filled() {
    let life = |number, activate: u32, retire: u32| {
        let at = |minutes: u32| START.plus(minutes * MINUTE);
        let (activate_at, retire_at) = (at(activate), at(retire));
        let instants = Instants { activate_at, retire_at, remove_at: at(10_000) };
        Life { algorithm: ALGORITHM, number, instants }
    };
    let due = next(&[life(1, 0, 8), life(2, 30, 5_000)], START, &schedule(), ALGORITHM);
    assert_eq!(due.map(|due| (due.number, due.activate)), Some((3, 8 * MINUTE)));
    let joined = [life(1, 0, 8), life(2, 8, 5_000)];
    assert_eq!(next(&joined, START, &schedule(), ALGORITHM), None);
}

#[test]
fn a_private_key_opens_in_its_own_row_only() {
    let key = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY";
    let other = "YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXowMTIzNDU";
    let root = |text: String| RootSecret::parse(&text).expect("a root secret");
    let (old, both) = (root(format!("k1:{key}")), root(format!("k2:{other},k1:{key}")));
    let bytes = seal(&old, "kid", ALGORITHM, b"private", [1; 12]);
    assert!(!bytes.windows(7).any(|part| part == b"private"));
    assert_eq!(open(&old, "kid", ALGORITHM, &bytes), Ok(Zeroizing::new(b"private".to_vec())));
    assert_eq!(open(&old, "kie", ALGORITHM, &bytes), Err(BadSeal));
    assert_eq!(open(&old, "kid", Algorithm::EdDSA, &bytes), Err(BadSeal));
    assert_eq!(open(&old, "kid", ALGORITHM, &bytes[1..]), Err(BadSeal));
    assert!(is_sealed_by_first(&old, &bytes) && !is_sealed_by_first(&both, &bytes));
    let opened = open(&both, "kid", ALGORITHM, &bytes).expect("the older key reads");
    let again = seal(&both, "kid", ALGORITHM, &opened, [2; 12]);
    assert!(is_sealed_by_first(&both, &again));
    assert_eq!(open(&old, "kid", ALGORITHM, &again), Err(BadSeal));
}

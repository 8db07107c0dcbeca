//! I9 and I14: what an application is given for a code, and for one refresh token after the other.
//!
//! A code is redeemed once. Each refresh token has one successor, whoever asks and however often; one that comes after
//! its successor was used ends the grant; and who was refused once is never answered again.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use super::Findings;
use super::index::{Index, violation};
use crate::history::{Kind, Nanos, Operation, OperationId, Refusal, TokenNo};

/// For how long a token that was turned is answered with the same successor, less than the product says; and how
/// long an access token is good. What is older may be refused without a reason that is in the history.
const FRESH: Duration = Duration::from_secs(50);

/// I14: of all who redeem a code one is given tokens.
pub(super) fn codes_work_once(index: &Index<'_>) -> Findings {
    let mut all = Findings::new();
    for redemptions in by_code(index).into_values() {
        all.looked += u64::from(redemptions.len() > 1);
        let mut won = redemptions.iter().filter(|redemption| redemption.is_ok());
        if let Some(first) = won.next() {
            let text = "a code was redeemed twice";
            all.violations.extend(won.map(|second| violation(text, &[first, second])));
        }
    }
    all
}

/// I9.
pub(super) fn one_living_tip(index: &Index<'_>) -> Findings {
    let mut all = Findings::new();
    let codes = by_code(index);
    for family in families(index) {
        all.looked += family.uses.len() as u64;
        all.violations.extend(family.forks());
        all.violations.extend(family.accepted_after_its_end());
        if let Some(refused) = family.first_refusal()
            && !family.is_explained(refused, index, &codes)
        {
            let text = "a grant was refused that nothing had ended";
            all.violations.push(violation(text, &[family.made, refused]));
        }
    }
    all
}

type ByCode<'a> = BTreeMap<OperationId, Vec<&'a Operation>>;

fn by_code<'a>(index: &Index<'a>) -> ByCode<'a> {
    let mut codes = ByCode::new();
    for operation in &index.history.operations {
        if let Kind::Redeem { code } = operation.kind {
            codes.entry(code).or_default().push(operation);
        }
    }
    codes
}

/// A grant, and all that was asked with its tokens.
struct Family<'a> {
    made: &'a Operation,
    uses: Vec<&'a Operation>,
    /// What each token was answered with first.
    successors: HashMap<TokenNo, (TokenNo, &'a Operation)>,
}

fn families<'a>(index: &Index<'a>) -> Vec<Family<'a>> {
    let mut found: BTreeMap<OperationId, Family<'a>> = BTreeMap::new();
    let operations = &index.history.operations;
    for made in operations.iter().filter(|o| matches!(o.kind, Kind::Redeem { .. }) && o.is_ok()) {
        let family = Family { made, uses: Vec::new(), successors: HashMap::new() };
        found.insert(made.id, family);
    }
    for operation in operations {
        let grant = match operation.kind {
            Kind::Refresh { grant, .. } | Kind::UserInfo { grant } => grant,
            _ => continue,
        };
        let Some(family) = found.get_mut(&grant) else { continue };
        family.uses.push(operation);
        if let (Some(token), Some(next)) = (presented(operation), given(operation)) {
            family.successors.entry(token).or_insert((next, operation));
        }
    }
    found.into_values().collect()
}

fn presented(operation: &Operation) -> Option<TokenNo> {
    match operation.kind {
        Kind::Refresh { token, .. } => Some(token),
        _ => None,
    }
}

fn given(operation: &Operation) -> Option<TokenNo> {
    operation.seen()?.token
}

fn is_refused(operation: &Operation) -> bool {
    operation.outcome == crate::history::Outcome::Fail(Refusal::Grant)
}

impl<'a> Family<'a> {
    /// Tokens with two successors.
    fn forks(&self) -> Vec<super::Violation> {
        let fork = |operation: &&&'a Operation| {
            let (first, by) = self.successors.get(&presented(operation)?)?;
            (given(operation)? != *first)
                .then(|| violation("a refresh token has two successors", &[by, operation]))
        };
        self.uses.iter().filter_map(|operation| fork(&operation)).collect()
    }

    fn first_refusal(&self) -> Option<&'a Operation> {
        self.uses.iter().copied().filter(|o| is_refused(o)).min_by_key(|o| o.ret)
    }

    /// Answers to who came after a refusal, and to a token whose successor had been used.
    fn accepted_after_its_end(&self) -> Option<super::Violation> {
        let over = self.first_refusal();
        let late = |o: &&&Operation| o.is_ok() && over.is_some_and(|over| o.invoke > over.ret);
        if let (Some(over), Some(used)) = (over, self.uses.iter().find(late)) {
            return Some(violation("a grant that was refused is good again", &[over, used]));
        }
        self.uses.iter().find_map(|replayed| {
            let turned = self.turned_before(replayed, |turn| {
                turn.is_ok() && turn.ret < replayed.invoke && replayed.is_ok()
            })?;
            Some(violation("a refresh token that was used before is good", &[turned, replayed]))
        })
    }

    /// A use of the successor of the token that is presented here, if one suits.
    fn turned_before(
        &self,
        replayed: &Operation,
        suits: impl Fn(&Operation) -> bool,
    ) -> Option<&'a Operation> {
        let (successor, _) = self.successors.get(&presented(replayed)?)?;
        self.uses.iter().copied().find(|turn| presented(turn) == Some(*successor) && suits(turn))
    }

    /// Whether something may have ended the grant before this refusal came.
    fn is_explained(&self, refused: &Operation, index: &Index<'a>, codes: &ByCode<'a>) -> bool {
        let until = refused.ret;
        let old = self.made.ret.0.saturating_add(nanos(FRESH));
        let is_late = refused.ret > Nanos(old);
        let replayed = self.uses.iter().any(|o| {
            o.invoke <= until && self.turned_before(o, |turn| turn.invoke <= o.ret).is_some()
        });
        let Kind::Redeem { code } = self.made.kind else { return true };
        let again = codes.get(&code).is_some_and(|all| {
            all.iter().any(|other| other.id != self.made.id && other.invoke <= until)
        });
        let ended = index.by_user.get(&self.made.user).is_some_and(|all| {
            all.iter().any(|o| may_end(&o.kind) && !is_certainly_undone(o) && o.invoke <= until)
        });
        is_late || replayed || again || ended
    }
}

/// What ends a session, and with it a grant.
fn may_end(kind: &Kind) -> bool {
    matches!(
        kind,
        Kind::Logout
            | Kind::LogoutAll
            | Kind::EndSession { .. }
            | Kind::PasswordChange { .. }
            | Kind::Lock
    )
}

fn is_certainly_undone(operation: &Operation) -> bool {
    !operation.is_ok() && !operation.is_unknown()
}

fn nanos(span: Duration) -> u64 {
    u64::try_from(span.as_nanos()).unwrap_or(u64::MAX)
}

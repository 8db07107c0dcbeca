//! A statement that the server takes back as a whole, for the sake of others, is sent again: it was certainly not
//! carried out. A sequence counts how often it came, since no rollback takes that back.

use tokenhouse_rules::audit::Event;
use tokenhouse_store::Redeemed;

use crate::applications::{Place, place, redeem};
use crate::{Outcome, connect};

/// Has the first `times` changes of codes fail with this state.
async fn undo(place: &Place, state: &str, times: u32) -> Outcome {
    connect(&place.url)
        .await?
        .batch_execute(&format!(
            "CREATE SEQUENCE came;
             CREATE FUNCTION undone() RETURNS trigger LANGUAGE plpgsql AS $$
             BEGIN
                 IF nextval('came') <= {times} THEN RAISE EXCEPTION 'undone' USING ERRCODE = '{state}'; END IF;
                 RETURN NEW;
             END $$;
             CREATE TRIGGER undone BEFORE UPDATE ON codes FOR EACH ROW EXECUTE FUNCTION undone()"
        ))
        .await?;
    Ok(())
}

async fn came(place: &Place) -> Result<String, Box<dyn std::error::Error>> {
    Ok(place.cluster.psql(&place.name, "SELECT last_value FROM came").await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_undone_for_others_is_sent_again() -> Outcome {
    for state in ["40P01", "40001", "23503"] {
        let place = place().await?;
        undo(&place, state, 2).await?;
        assert_eq!(place.store.redeem_code(redeem()).await?, Redeemed::Done, "{state}");
        assert_eq!(came(&place).await?, "3", "{state}");
        let made = place.store.events(None, None, 100).await?;
        let made = made.iter().filter(|event| event.event == Event::GrantMade.name()).count();
        assert_eq!(made, 1, "{state}: carried out once");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_undone_each_time_is_given_up() -> Outcome {
    let place = place().await?;
    undo(&place, "40P01", 100).await?;
    let error = place.store.redeem_code(redeem()).await.expect_err("never carried out");
    assert!(matches!(error, tokenhouse_store::Error::Unavailable(_)), "{error:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_failed_by_itself_is_not_sent_again() -> Outcome {
    let place = place().await?;
    undo(&place, "22000", 100).await?;
    place.store.redeem_code(redeem()).await.expect_err("a failure of its own");
    assert_eq!(came(&place).await?, "1");
    Ok(())
}

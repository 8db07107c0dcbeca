//! The API suite over two separately built apps on one database, taking turns request by request: what
//! one of them remembered, the other would not know.

mod applications;
mod apps;
mod backchannel;
mod claims;
mod damage;
mod deleting;
mod device;
mod dpop;
mod exchange;
mod fetched_keys;
mod forward_auth;
mod invitations;
mod links;
mod modes;
mod mutated;
mod pages;
mod pushing;
mod registration;
mod setting_up;
mod signing;
mod silence;
mod tokens;

mod sqlite {
    tokenhouse_suite::api_suite!(crate::apps::on_sqlite);
}

mod mail_on_sqlite {
    tokenhouse_suite::mail_suite!(crate::apps::with_mail_on_sqlite);
}

#[cfg(feature = "real-servers")]
mod mail_on_postgres {
    tokenhouse_suite::mail_suite!(crate::apps::with_mail_on_postgres);
}

#[cfg(feature = "real-servers")]
mod postgres {
    tokenhouse_suite::api_suite!(crate::apps::on_postgres);
}

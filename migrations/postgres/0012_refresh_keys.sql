-- compatible-with: 4
-- Which key of the root secret sealed the refresh token that is current, so that whoever presents its predecessor gets
-- the very same text from any process, also while the root secret is changed. A release that knows none of it goes on
-- working with the result.

-- The four bytes that name the key in the token; null until the grant is turned.
ALTER TABLE grants ADD COLUMN sealed_by bytea;

-- How merchants describe the types of their own messages.
CREATE TABLE event_types (
    account_id {bigint} NOT NULL REFERENCES accounts (id),
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    archived {bigint} NOT NULL,
    deprecated {bigint} NOT NULL,
    created_at {bigint} NOT NULL,
    updated_at {bigint} NOT NULL,
    schemas TEXT NOT NULL,
    PRIMARY KEY (account_id, name)
) {table_options};

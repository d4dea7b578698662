#include "storage/sqlite/sqlite_ingest.hpp"

#include "storage/packed_trace.hpp"

#include <algorithm>

namespace postern::storage {
namespace {

constexpr Sql kSameBodySql{"SELECT body_sha256 = $1 FROM inbox WHERE id = $2"};
constexpr Sql kSecondVersionSql{
    "SELECT id FROM inbox WHERE duplicate_of = $1 AND body_sha256 = $2"};
constexpr Sql kInboxSql{
    "INSERT INTO inbox (id, account_id, livemode, gateway, verdict, reason, duplicate_of,"
    " received_at, gateway_event_id, event_ids, headers, body_sha256, body, trace)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)"};
constexpr Sql kEventSql{
    "INSERT INTO events (id, account_id, livemode, type, gateway, inbox_id, gateway_event_id,"
    " gateway_event_type, created_at, object, trace)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"};

std::size_t thing_count(const IngestRequest& request) {
    return std::max<std::size_t>(1, request.events.size());
}

}  // namespace

Result<void, StoreError>
SqliteIngest::run(Transaction& transaction, std::span<IngestItem* const> items) {
    for (IngestItem* item : items) {
        const auto done = ingest_one(transaction, *item);
        if (!done) return done.error();
    }
    return {};
}

Result<void, StoreError> SqliteIngest::ingest_one(Transaction& transaction, IngestItem& item) {
    item.outcome.event_ids.assign(item.request.events.size(), EventId{});
    const Draft draft{transaction, item.request, item.outcome, InboxId{transaction.next_id()}};
    const auto claimed = claim_all(draft);
    if (!claimed) return claimed.error();
    const bool something_new =
        std::any_of(known_.begin(), known_.end(), [](Known known) { return known.is_new(); });
    return something_new ? store(draft) : keep_known(draft);
}

Result<void, StoreError> SqliteIngest::claim_all(const Draft& draft) {
    known_.clear();
    for (std::size_t i = 0; i < thing_count(draft.request); ++i) {
        const auto known = dedupe_.claim(
            {.wanted = dedupe_key(key_, draft.request, i),
             .inbox = draft.row,
             .entry_id = draft.transaction.next_id()}
        );
        if (!known) return known.error();
        known_.push_back({*known});
    }
    return {};
}

Result<void, StoreError> SqliteIngest::store(const Draft& draft) {
    draft.outcome.kind = IngestKind::stored;
    draft.outcome.inbox = draft.row;
    for (std::size_t i = 0; i < draft.request.events.size(); ++i) {
        if (!known_[i].is_new() || !draft.request.events[i].normalised) continue;
        draft.outcome.event_ids[i] = EventId{draft.transaction.next_id()};
        const auto inserted = insert_event(draft, i);
        if (!inserted) return inserted.error();
    }
    return insert_inbox(draft, {draft.request.verdict, InboxId{}});
}

// Everything it says is known. The same bytes need no second row; other bytes are kept once, since
// the provider said both and nothing may vanish. What cannot be compared is as old as its row was.
Result<void, StoreError> SqliteIngest::keep_known(const Draft& draft) {
    draft.outcome.kind = IngestKind::duplicate;
    for (const Known known : known_) {
        const auto bytes = compare_body(known.inbox, draft.request);
        if (!bytes) return bytes.error();
        draft.outcome.inbox = known.inbox;
        if (*bytes != Bytes::other) return {};
    }
    const InboxId original = known_.front().inbox;
    const auto before = find_second_version(original, draft.request);
    if (!before) return before.error();
    draft.outcome.inbox = *before;
    if (before->value != 0) return {};
    draft.outcome.kind = IngestKind::second_version;
    draft.outcome.inbox = draft.row;
    return insert_inbox(draft, {Verdict::duplicate, original});
}

Result<SqliteIngest::Bytes, StoreError>
SqliteIngest::compare_body(InboxId inbox, const IngestRequest& request) {
    Query query{handle_.statement(kSameBodySql)};
    query.bind(Blob{request.body_sha256}).bind(inbox.value);
    const auto step = query.step();
    if (!step) return step.error();
    if (*step == Step::done) return Bytes::unknown;
    return query.integer(0) == 1 ? Bytes::same : Bytes::other;
}

Result<InboxId, StoreError>
SqliteIngest::find_second_version(InboxId original, const IngestRequest& request) {
    Query query{handle_.statement(kSecondVersionSql)};
    query.bind(original.value).bind(Blob{request.body_sha256});
    const auto step = query.step();
    if (!step) return step.error();
    return *step == Step::row ? InboxId{query.integer(0)} : InboxId{};
}

Result<void, StoreError> SqliteIngest::insert_inbox(const Draft& draft, Flags flags) {
    const IngestRequest& request = draft.request;
    const std::string event_ids = pack_event_ids(draft.outcome.event_ids);
    const std::string_view gateway_event_id =
        request.events.empty() ? std::string_view{} : request.events.front().gateway_event_id;
    const PackedTrace trace{request.trace};
    Query query{handle_.statement(kInboxSql)};
    query.bind(draft.row.value).bind(request.account.value);
    query.bind(static_cast<std::int64_t>(request.livemode)).bind(request.gateway.value);
    query.bind(static_cast<std::int64_t>(flags.verdict)).bind(request.reason);
    if (flags.duplicate_of.value == 0) {
        query.bind(std::nullopt);
    } else {
        query.bind(flags.duplicate_of.value);
    }
    query.bind(request.received_at).bind(gateway_event_id).bind(Blob{event_ids});
    query.bind(Blob{request.headers}).bind(Blob{request.body_sha256}).bind(Blob{request.body});
    query.bind(trace.blob());
    return query.run();
}

Result<void, StoreError> SqliteIngest::insert_event(const Draft& draft, std::size_t index) {
    const IngestRequest& request = draft.request;
    const IngestEvent& event = request.events[index];
    const PackedTrace trace{request.trace};
    Query query{handle_.statement(kEventSql)};
    query.bind(draft.outcome.event_ids[index].value).bind(request.account.value);
    query.bind(static_cast<std::int64_t>(request.livemode));
    query.bind(static_cast<std::int64_t>(event.normalised->type)).bind(request.gateway.value);
    query.bind(draft.row.value).bind(event.gateway_event_id).bind(event.gateway_event_type);
    query.bind(draft.transaction.now()).bind(event.normalised->object);
    query.bind(trace.blob());
    return query.run();
}

}  // namespace postern::storage

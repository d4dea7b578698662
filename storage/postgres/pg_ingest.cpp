#include "storage/postgres/pg_ingest.hpp"

#include "core/assert.hpp"
#include "core/crypto.hpp"
#include "storage/packed_trace.hpp"
#include "storage/postgres/pg_connection.hpp"

#include <algorithm>
#include <limits>

namespace postern::storage {
namespace {

// In the order of the places, so that two nodes that claim the same wait for one another and never
// in a circle. Who comes second waits until the first has committed, and then finds the entry.
constexpr Sql kClaimSql{
    "INSERT INTO dedupe (key, check_hash, inbox_id)"
    " SELECT key, check_hash, inbox_id FROM unnest($1, $2, $3) AS new (key, check_hash, inbox_id)"
    " ORDER BY key ON CONFLICT (key) DO NOTHING"};

// What holds a place that is not of this batch. The limit keeps it a look-up for each. The lock
// makes this transaction one that writes, so that its commit waits for the standby: a place may be
// held by a commit whose own wait was given up, and only what a standby has is acknowledged.
constexpr Sql kKnownSql{
    "SELECT wanted.number, held.check_hash, held.inbox_id, first.body_sha256, second.id"
    " FROM unnest($1, $2, $3, $4, $5)"
    " AS wanted (number, place, check_hash, claimer, body_sha256)"
    " CROSS JOIN LATERAL (SELECT check_hash, inbox_id FROM dedupe WHERE key = wanted.place"
    " AND (check_hash <> wanted.check_hash OR inbox_id <> wanted.claimer)"
    " LIMIT 1 FOR KEY SHARE) AS held"
    " LEFT JOIN inbox AS first ON first.id = held.inbox_id"
    " LEFT JOIN LATERAL (SELECT id FROM inbox WHERE duplicate_of = held.inbox_id"
    " AND inbox.body_sha256 = wanted.body_sha256 LIMIT 1) AS second ON TRUE"};

constexpr Sql kInboxSql{
    "INSERT INTO inbox (id, account_id, livemode, gateway, verdict, reason, duplicate_of,"
    " received_at, gateway_event_id, event_ids, headers, body_sha256, body, trace)"
    " SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)"};
constexpr Sql kEventSql{
    "INSERT INTO events (id, account_id, livemode, type, gateway, inbox_id, gateway_event_id,"
    " gateway_event_type, created_at, object, trace)"
    " SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"};

constexpr Sql kClaimOneSql{
    "INSERT INTO dedupe (key, check_hash, inbox_id) VALUES ($1, $2, $3)"
    " ON CONFLICT (key) DO NOTHING RETURNING key"};
constexpr Sql kFindOneSql{"SELECT check_hash, inbox_id FROM dedupe WHERE key = $1"};

// Where the second version of a row with these bytes is claimed. No text of ingest begins like it.
DedupeKey second_version_key(const SipKey& key, InboxId original, std::string_view sha256) {
    const std::string told = std::to_string(original.value) + ' ' + std::string{sha256};
    const auto hash = [&key, &told](std::string_view role) {
        constexpr std::uint64_t kSignedMask = std::numeric_limits<std::int64_t>::max();
        const std::uint64_t bits = sip_hash(key, std::string{role} + "version of " + told);
        return static_cast<std::int64_t>(bits & kSignedMask);
    };
    return {.key = hash("k"), .check = hash("c")};
}

std::size_t thing_count(const IngestRequest& request) {
    return std::max<std::size_t>(1, request.events.size());
}

std::vector<PgArray> make_inbox_columns() {
    const auto number = PgArray::integers();
    const auto text = PgArray::texts();
    const auto bytes = PgArray::byte_strings();
    return {
        number,
        number,
        number,
        number,
        number,
        text,
        number,
        number,
        text,
        bytes,
        bytes,
        bytes,
        bytes,
        bytes};
}

std::vector<PgArray> make_event_columns() {
    const auto number = PgArray::integers();
    const auto text = PgArray::texts();
    const auto bytes = PgArray::byte_strings();
    return {number, number, number, number, number, number, text, text, number, text, bytes};
}

void add_trace(PgArray& column, const std::optional<TraceContext>& context) {
    const PackedTrace trace{context};
    const auto blob = trace.blob();
    if (blob) {
        column.add(blob->bytes);
    } else {
        column.add_null();
    }
}

Result<void, StoreError>
insert_columns(PgConnection& connection, const Sql& sql, std::vector<PgArray>& columns) {
    PgStatement& statement = connection.prepared(sql);
    Query query{statement};
    int index = 0;
    for (PgArray& column : columns) statement.bind_array(++index, column);
    return query.run();
}

}  // namespace

Result<void, StoreError>
PgIngest::run(Transaction& transaction, std::span<IngestItem* const> items) {
    collect(transaction, items);
    const auto claimed = claim_all();
    if (!claimed) return claimed.error();
    for (const Item& item : items_) {
        const auto decided = decide(transaction, item);
        if (!decided) return decided.error();
    }
    return write_rows();
}

void PgIngest::collect(Transaction& transaction, std::span<IngestItem* const> items) {
    items_.clear();
    sayings_.clear();
    open_.clear();
    seconds_.clear();
    inbox_columns_ = make_inbox_columns();
    event_columns_ = make_event_columns();
    inbox_rows_ = 0;
    event_rows_ = 0;
    for (IngestItem* item : items) {
        item->outcome.event_ids.assign(item->request.events.size(), EventId{});
        items_.push_back({
            .item = item,
            .row = InboxId{transaction.next_id()},
            .first_saying = sayings_.size(),
            .sayings = thing_count(item->request),
        });
        collect_sayings(items_.size() - 1);
    }
    std::map<std::pair<std::int64_t, std::int64_t>, std::size_t> leaders;
    for (std::size_t i = 0; i < sayings_.size(); ++i) {
        const DedupeKey& wanted = sayings_[i].wanted;
        const auto [leader, is_first] = leaders.try_emplace({wanted.key, wanted.check}, i);
        sayings_[i].leader = leader->second;
        if (is_first) open_.push_back(i);
    }
}

void PgIngest::collect_sayings(std::size_t item) {
    const IngestRequest& request = items_[item].item->request;
    for (std::size_t i = 0; i < thing_count(request); ++i) {
        Saying saying;
        saying.wanted = dedupe_key(key_, request, i);
        saying.item = item;
        saying.place = saying.wanted.key;
        sayings_.push_back(std::move(saying));
    }
}

Result<void, StoreError> PgIngest::claim_all() {
    while (!open_.empty()) {
        const auto claimed = claim_round();
        if (!claimed) return claimed.error();
    }
    share_new_claims();
    return {};
}

// One thing for each place: who shares a place with another waits for the next round, when it is
// known who holds it. There is a second round about as often as two hashes of 63 bits agree.
Result<void, StoreError> PgIngest::claim_round() {
    std::stable_sort(open_.begin(), open_.end(), [this](std::size_t left, std::size_t right) {
        return sayings_[left].place < sayings_[right].place;
    });
    asked_.clear();
    std::vector<std::size_t> later;
    for (const std::size_t leader : open_) {
        const bool taken =
            !asked_.empty() && sayings_[asked_.back()].place == sayings_[leader].place;
        (taken ? later : asked_).push_back(leader);
    }
    open_ = std::move(later);
    const auto inserted = insert_claims();
    if (!inserted) return inserted.error();
    return read_known();
}

Result<void, StoreError> PgIngest::insert_claims() {
    auto places = PgArray::integers();
    auto checks = PgArray::integers();
    auto rows = PgArray::integers();
    for (const std::size_t leader : asked_) {
        const Saying& saying = sayings_[leader];
        places.add(saying.place);
        checks.add(saying.wanted.check);
        rows.add(items_[saying.item].row.value);
    }
    PgStatement& statement = connection_.prepared(kClaimSql);
    Query query{statement};
    statement.bind_array(1, places);
    statement.bind_array(2, checks);
    statement.bind_array(3, rows);
    return query.run();
}

// For the leaders of this round and all that say the same, since their bytes may differ.
Result<void, StoreError> PgIngest::read_known() {
    std::vector<PgArray> columns(4, PgArray::integers());
    columns.push_back(PgArray::byte_strings());
    for (std::size_t i = 0; i < sayings_.size(); ++i) {
        const Saying& leader = sayings_[sayings_[i].leader];
        const auto asked = std::lower_bound(
            asked_.begin(),
            asked_.end(),
            leader.place,
            [this](std::size_t left, std::int64_t place) { return sayings_[left].place < place; }
        );
        if (asked == asked_.end() || *asked != sayings_[i].leader) continue;
        columns[0].add(static_cast<std::int64_t>(i));
        columns[1].add(leader.place);
        columns[2].add(leader.wanted.check);
        columns[3].add(items_[leader.item].row.value);
        columns[4].add(items_[sayings_[i].item].item->request.body_sha256);
    }
    PgStatement& statement = connection_.prepared(kKnownSql);
    Query query{statement};
    int index = 0;
    for (PgArray& column : columns) statement.bind_array(++index, column);
    for (;;) {
        const auto step = query.step();
        if (!step) return step.error();
        if (*step == Step::done) return {};
        note_known(static_cast<std::size_t>(query.integer(0)), query);
    }
}

void PgIngest::note_known(std::size_t index, Query& query) {
    Saying& saying = sayings_[index];
    if (query.integer(1) == saying.wanted.check) {
        saying.known = InboxId{query.integer(2)};
        saying.sha256 = query.bytes(3);
        saying.second = InboxId{query.integer(4)};
    } else if (saying.leader == index) {
        saying.place = next_dedupe_place(saying.place);
        open_.push_back(index);
    }
}

// Of what is new, the first request is the one that told it to those after it.
void PgIngest::share_new_claims() {
    for (std::size_t i = 0; i < sayings_.size(); ++i) {
        const Saying& leader = sayings_[sayings_[i].leader];
        if (sayings_[i].leader == i || leader.known.value != 0) continue;
        sayings_[i].known = items_[leader.item].row;
        sayings_[i].sha256 = items_[leader.item].item->request.body_sha256;
    }
}

bool PgIngest::is_new(std::size_t saying) const {
    return sayings_[saying].known.value == 0;
}

Result<void, StoreError> PgIngest::decide(Transaction& transaction, const Item& item) {
    for (std::size_t i = 0; i < item.sayings; ++i) {
        if (!is_new(item.first_saying + i)) continue;
        store(transaction, item);
        return {};
    }
    return keep_known(item);
}

void PgIngest::store(Transaction& transaction, const Item& item) {
    IngestOutcome& outcome = item.item->outcome;
    const IngestRequest& request = item.item->request;
    outcome.kind = IngestKind::stored;
    outcome.inbox = item.row;
    for (std::size_t i = 0; i < request.events.size(); ++i) {
        if (!is_new(item.first_saying + i) || !request.events[i].normalised) continue;
        outcome.event_ids[i] = EventId{transaction.next_id()};
        add_event(item, i, transaction.now());
    }
    add_inbox(item, {request.verdict, InboxId{}});
}

// Everything it says is known. The same bytes need no second row; other bytes are kept once, since
// the provider said both and nothing may vanish. What cannot be compared is as old as its row was.
Result<void, StoreError> PgIngest::keep_known(const Item& item) {
    IngestOutcome& outcome = item.item->outcome;
    const std::string_view sha256 = item.item->request.body_sha256;
    outcome.kind = IngestKind::duplicate;
    for (std::size_t i = 0; i < item.sayings; ++i) {
        const Saying& saying = sayings_[item.first_saying + i];
        outcome.inbox = saying.known;
        if (saying.sha256.empty() || saying.sha256 == sha256) return {};
    }
    const Saying& front = sayings_[item.first_saying];
    InboxId& second = seconds_[{front.known.value, std::string{sha256}}];
    if (second.value == 0) second = front.second;
    if (second.value == 0) {
        const auto held = claim_second(item, front.known);
        if (!held) return held.error();
        second = *held;
    }
    outcome.inbox = second;
    if (second != item.row) return {};
    outcome.kind = IngestKind::second_version;
    add_inbox(item, {Verdict::duplicate, front.known});
    return {};
}

// Another node may be told the same other bytes at this moment: whose row keeps them is decided as
// it is for what is new.
Result<InboxId, StoreError> PgIngest::claim_second(const Item& item, InboxId original) {
    const std::string_view sha256 = item.item->request.body_sha256;
    const auto held = claim({
        .wanted = second_version_key(key_, original, sha256),
        .inbox = item.row,
        .entry_id = 0,
    });
    if (!held) return held.error();
    return held->value == 0 ? item.row : *held;
}

void PgIngest::add_inbox(const Item& item, Flags flags) {
    const IngestRequest& request = item.item->request;
    auto column = inbox_columns_.begin();
    column++->add(item.row.value);
    column++->add(request.account.value);
    column++->add(static_cast<std::int64_t>(request.livemode));
    column++->add(request.gateway.value);
    column++->add(static_cast<std::int64_t>(flags.verdict));
    column++->add(request.reason);
    if (flags.duplicate_of.value == 0) {
        column++->add_null();
    } else {
        column++->add(flags.duplicate_of.value);
    }
    column++->add(unix_microseconds(request.received_at));
    column++->add(
        request.events.empty() ? std::string_view{} : request.events.front().gateway_event_id
    );
    column++->add(std::string_view{pack_event_ids(item.item->outcome.event_ids)});
    column++->add(request.headers);
    column++->add(request.body_sha256);
    column++->add(request.body);
    add_trace(*column++, request.trace);
    POSTERN_ASSERT(column == inbox_columns_.end());
    ++inbox_rows_;
}

void PgIngest::add_event(const Item& item, std::size_t index, TimePoint now) {
    const IngestRequest& request = item.item->request;
    const IngestEvent& event = request.events[index];
    auto column = event_columns_.begin();
    column++->add(item.item->outcome.event_ids[index].value);
    column++->add(request.account.value);
    column++->add(static_cast<std::int64_t>(request.livemode));
    column++->add(static_cast<std::int64_t>(event.normalised->type));
    column++->add(request.gateway.value);
    column++->add(item.row.value);
    column++->add(event.gateway_event_id);
    column++->add(event.gateway_event_type);
    column++->add(unix_microseconds(now));
    column++->add(event.normalised->object);
    add_trace(*column++, request.trace);
    POSTERN_ASSERT(column == event_columns_.end());
    ++event_rows_;
}

Result<void, StoreError> PgIngest::write_rows() {
    if (event_rows_ > 0) {
        const auto events = insert_columns(connection_, kEventSql, event_columns_);
        if (!events) return events.error();
    }
    if (inbox_rows_ == 0) return {};
    return insert_columns(connection_, kInboxSql, inbox_columns_);
}

Result<InboxId, StoreError> PgIngest::claim(const DedupeClaim& claim) {
    for (std::int64_t place = claim.wanted.key;; place = next_dedupe_place(place)) {
        auto added = connection_.query(kClaimOneSql);
        added.bind(place).bind(claim.wanted.check).bind(claim.inbox.value);
        const auto is_added = added.step();
        if (!is_added) return is_added.error();
        if (*is_added == Step::row) return InboxId{};
        auto held = connection_.query(kFindOneSql);
        held.bind(place);
        const auto found = held.step();
        if (!found) return found.error();
        // Entries are never deleted, so somebody is restoring the store under our hands.
        if (*found == Step::done) return StoreError::busy;
        if (held.integer(0) == claim.wanted.check) return InboxId{held.integer(1)};
    }
}

}  // namespace postern::storage

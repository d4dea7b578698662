#include "daemon/reprocess.hpp"

#include "daemon/event_object.hpp"
#include "daemon/header_text.hpp"
#include "storage/dedupe_repository.hpp"
#include "storage/event_repository.hpp"

#include <algorithm>
#include <set>

namespace postern::daemon {

using storage::EventTurn;
using storage::InboxRow;
using storage::StoreError;
using storage::Verdict;
using verifiers::NormaliseFailure;

namespace {

constexpr std::string_view kWebhookPath = "/api/v2/webhooks/";
constexpr std::string_view kToldBefore = "its events came with another webhook before";

// What normalise() is asked about must be fetched anew; a certificate is only for the proof, which
// this webhook has passed.
bool meaning_needs_fetching(
    const verifiers::Provider& provider,
    const verifiers::SignedRequest& request
) {
    const auto fetch = provider.fetch_needed(request);
    return fetch && fetch->keep == verifiers::Fetch::Keep::never;
}

Reading reading_of(std::vector<ProviderEvent> events) {
    const bool known = std::any_of(events.begin(), events.end(), [](const ProviderEvent& event) {
        return event.unified.has_value();
    });
    return {
        .verdict = known ? Verdict::verified : Verdict::unrecognised,
        .reason = {},
        .events = std::move(events)};
}

// The dedupe keys that ingest would give these events now.
storage::IngestRequest as_ingest_request(const InboxRow& row, const Reading& reading) {
    storage::IngestRequest request{
        .account = row.account, .gateway = row.gateway, .body_sha256 = row.body_sha256};
    for (const ProviderEvent& event : reading.events) {
        request.events.push_back(
            {.gateway_event_id = event.id, .gateway_event_type = event.type, .normalised = {}}
        );
    }
    return request;
}

// What a webhook has told already. One whose events went, since they were old, tells nothing new:
// which of them it told nobody knows any more.
struct Told {
    std::set<std::string> ids;
    enum class Memory { whole, lost } memory = Memory::whole;

    bool is_new(const std::string& id) { return memory == Memory::whole && ids.insert(id).second; }
};

StoreResult load_told(storage::Connection& connection, const InboxRow& row, Told& told) {
    for (const EventId id : row.event_ids) {
        auto event = storage::find_event(connection, id);
        if (!event) return event.error();
        if (*event) {
            told.ids.insert((*event)->gateway_event_id);
        } else {
            told.memory = Told::Memory::lost;
        }
    }
    return {};
}

// One thing that a stored webhook tells, and nobody told before.
struct Addition {
    const InboxRow& row;
    const ProviderEvent& event;
    const Gateway& gateway;
};

Result<storage::EventRow, StoreError>
insert_event(storage::Transaction& transaction, const Addition& addition) {
    const InboxRow& row = addition.row;
    storage::EventRow added{
        .id = EventId{transaction.next_id()},
        .account = row.account,
        .livemode = row.livemode,
        .type = addition.event.unified->type,
        .gateway = row.gateway,
        .inbox = row.id,
        .gateway_event_id = addition.event.id,
        .gateway_event_type = addition.event.type,
        .created_at = transaction.now(),
        .object = {},
        .trace = row.trace};
    append_event_object(added.object, *addition.event.unified, addition.gateway.id);
    const auto inserted = storage::insert_event(transaction, added);
    if (!inserted) return inserted.error();
    return added;
}

void apply_turn(storage::EventRow& row, const EventTurn& turn) {
    if (turn.fate != EventTurn::Fate::corrected) return;
    row.account = turn.account;
    row.livemode = turn.livemode;
    row.subject = turn.subject;
    row.object = turn.object;
    row.stripe_type = turn.stripe_type;
    row.stripe_object = turn.stripe_object;
}

struct Added {
    std::vector<EventId> events;  // that tell of it
    std::vector<dispatch::Nudge> nudges;
};

Result<Added, StoreError> add_event(
    storage::Transaction& transaction,
    const ReprocessSurroundings& around,
    const Addition& addition
) {
    auto row = insert_event(transaction, addition);
    if (!row) return row.error();
    Added added{.events = {row->id}, .nudges = {}};
    if (around.desk != nullptr) {
        auto taken = around.desk->take(
            transaction,
            {.id = row->id,
             .inbox = row->inbox,
             .account = row->account,
             .livemode = row->livemode,
             .gateway = row->gateway,
             .facts = *addition.event.unified,
             .object = row->object}
        );
        if (!taken) return taken.error();
        added.nudges = std::move(taken->nudges);
        apply_turn(*row, taken->turn);
        if (taken->turn.fate == EventTurn::Fate::told_before) {
            added.events = std::move(taken->turn.told_by);
            return added;
        }
    }
    const auto name_of = [&addition](storage::GatewayNumber) {
        return addition.gateway.id;
    };
    const auto content = dispatch::content_of(*row, around.ids, name_of);
    const auto made = dispatch::fan_out(transaction, around.endpoints, content);
    if (!made) return made.error();
    added.nudges.insert(added.nudges.end(), made->begin(), made->end());
    return added;
}

void link(std::vector<EventId>& event_ids, const std::vector<EventId>& more) {
    for (const EventId id : more) {
        const bool linked = std::find(event_ids.begin(), event_ids.end(), id) != event_ids.end();
        if (!linked) event_ids.push_back(id);
    }
}

storage::InboxCorrection
correction_for(const InboxRow& row, const Reading& reading, std::vector<EventId> event_ids) {
    storage::InboxCorrection correction{
        .id = row.id,
        .verdict = reading.verdict,
        .reason = reading.reason,
        .event_ids = std::move(event_ids)};
    if (!correction.event_ids.empty()) {
        // Events that were made stay true, even if today's code no longer sees them.
        correction.verdict = Verdict::verified;
        correction.reason.clear();
    } else if (reading.verdict == Verdict::verified) {
        correction.reason = kToldBefore;
    }
    return correction;
}

}  // namespace

Result<Reading, Complaint> read_again(const InboxRow& row, const Gateway& gateway) {
    if (row.verdict == Verdict::duplicate) {
        return Complaint{
            "This webhook is another version of one that came before; reprocess that one, named in "
            "duplicate_of"};
    }
    const HttpFields fields = parse_header_text(row.headers);
    const std::string path = std::string{kWebhookPath} + gateway.id;
    const verifiers::SignedRequest request{
        .method = "POST",
        .path = path,
        .query = {},
        .fields = fields,
        .body = row.body,
        .received_at = row.received_at};
    if (meaning_needs_fetching(*gateway.provider, request)) {
        return Complaint{
            "Webhooks of " + std::string{gateway.kind->display_name}
            + " only name what happened, and cannot be reprocessed without fetching it again"};
    }
    auto normalised = gateway.provider->normalise(request);
    if (normalised) return reading_of(std::move(normalised->events));
    switch (normalised.error()) {
        case NormaliseFailure::malformed: break;
        case NormaliseFailure::undecryptable:
            return Complaint{"The gateway's present key does not decrypt this webhook"};
    }
    return Reading{.verdict = Verdict::malformed, .reason = "malformed", .events = {}};
}

Result<std::vector<dispatch::Nudge>, StoreError> apply_reading(
    storage::Transaction& transaction,
    const ReprocessSurroundings& around,
    InboxId id,
    const Gateway& gateway,
    const Reading& reading
) {
    const auto row = storage::find_inbox(transaction.connection(), id);
    if (!row) return row.error();
    std::vector<dispatch::Nudge> nudges;
    if (!*row) return nudges;  // swept away by age meanwhile
    Told told;
    const auto loaded = load_told(transaction.connection(), **row, told);
    if (!loaded) return loaded.error();
    std::vector<EventId> event_ids = (*row)->event_ids;
    const storage::IngestRequest request = as_ingest_request(**row, reading);
    for (std::size_t i = 0; i < reading.events.size(); ++i) {
        const ProviderEvent& event = reading.events[i];
        const auto key = storage::dedupe_key(around.keys.dedupe, request, i);
        const auto owner = storage::claim_thing(transaction, key, id);
        if (!owner) return owner.error();
        if (*owner != id || !event.unified || !told.is_new(event.id)) continue;
        const auto added = add_event(transaction, around, {**row, event, gateway});
        if (!added) return added.error();
        link(event_ids, added->events);
        nudges.insert(nudges.end(), added->nudges.begin(), added->nudges.end());
    }
    const auto corrected =
        storage::correct_inbox(transaction, correction_for(**row, reading, std::move(event_ids)));
    if (!corrected) return corrected.error();
    return nudges;
}

}  // namespace postern::daemon

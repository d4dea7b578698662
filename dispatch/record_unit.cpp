#include "dispatch/record_unit.hpp"

#include "core/json_writer.hpp"
#include "dispatch/endpoint_settings.hpp"
#include "dispatch/fan_out.hpp"
#include "dispatch/stored_deliveries.hpp"
#include "storage/event_repository.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <span>
#include <utility>

namespace postern::dispatch {

using storage::DeliveryState;
using storage::StoreError;
using storage::Transaction;

RecordUnit::RecordUnit(Told told, const Surroundings& around, const OnWritten& on_written)
    : order_{std::move(told.end)}, holder_{told.holder}, around_{around}, on_written_{on_written} {}

std::size_t RecordUnit::weight_bytes() const noexcept {
    const auto& attempt = order_.finished.attempt;
    const std::size_t answer =
        attempt ? attempt->response_body.size() + attempt->response_headers.size() : 0;
    return kPlainWeightBytes + answer;
}

class RecordUnit::Group final : public storage::UnitGroup {
 public:
    Result<void, StoreError>
    run(Transaction& transaction, std::span<storage::WorkUnit* const> units) const override {
        Units ours;
        for (storage::WorkUnit* unit : units) ours.push_back(static_cast<RecordUnit*>(unit));
        return run_all(transaction, ours);
    }
};

const storage::UnitGroup* RecordUnit::group() const noexcept {
    static const Group kGroup;  // it holds nothing
    return &kGroup;
}

Result<void, StoreError> RecordUnit::run(Transaction& transaction) {
    return run_all(transaction, {this});
}

namespace {

struct ToldHealth {
    const storage::EndpointHealthRow* row = nullptr;
    storage::LaneHolder holder;
};

// The last that is told of each endpoint, in the order of their ids: two nodes that write the
// health of the same endpoints wait for each other in one direction only.
Result<void, StoreError>
write_health(Transaction& transaction, const std::map<EndpointId, ToldHealth>& last_of) {
    for (const auto& [endpoint, told] : last_of) {
        const auto written = storage::put_endpoint_health(transaction, *told.row, told.holder);
        if (!written) return written.error();
    }
    return {};
}

}  // namespace

Result<void, StoreError> RecordUnit::run_all(Transaction& transaction, const Units& units) {
    std::vector<const FinishedDelivery*> finished;
    std::map<EndpointId, ToldHealth> health;
    bool disables = false;
    for (RecordUnit* unit : units) {
        unit->outcome_ = {};
        finished.push_back(&unit->order_.finished);
        const auto& told = unit->order_.health;
        if (told) health[unit->order_.endpoint] = {.row = &*told, .holder = unit->holder_};
        disables = disables || !unit->order_.disable_reason.empty();
    }
    // Whoever changes an endpoint takes turns with everybody else who does.
    if (disables) {
        const auto taken = transaction.take_turn();
        if (!taken) return taken.error();
    }
    StoredDeliveries table{transaction};
    auto recorded = record_all(table, finished);
    if (!recorded) return recorded.error();
    std::vector<Draft> drafts;
    for (std::size_t i = 0; i < units.size(); ++i) {
        units[i]->outcome_.recorded = std::move((*recorded)[i]);
        const auto told = units[i]->tell(transaction, drafts);
        if (!told) return told.error();
    }
    const auto written = write_health(transaction, health);
    if (!written) return written.error();
    return create_all(transaction, drafts);
}

Result<void, StoreError> RecordUnit::disable_endpoint(Transaction& transaction) {
    auto row = storage::find_endpoint(transaction.connection(), order_.endpoint);
    if (!row) return row.error();
    if (!*row || (*row)->deleted_at || (*row)->status == storage::EndpointStatus::disabled) {
        return {};
    }
    (*row)->status = storage::EndpointStatus::disabled;
    (*row)->disabled_reason = order_.disable_reason;
    (*row)->updated_at = transaction.now();
    const auto updated = storage::update_endpoint(transaction, **row);
    if (!updated) return updated.error();
    const auto known = around_.endpoints.find(order_.endpoint);
    if (!*updated) return StoreError::busy;  // changed since it was read: all of it again
    if (known == nullptr) return {};
    auto disabled = std::make_shared<Endpoint>(*known);
    // A change that is committed and not published yet must not be undone by this copy.
    if (auto settings = settings_from_json((*row)->settings)) {
        disabled->settings = std::move(*settings);
    }
    disabled->url = (*row)->url;
    disabled->status = (*row)->status;
    disabled->disabled_reason = (*row)->disabled_reason;
    disabled->updated_at = (*row)->updated_at;
    disabled->revision = (*row)->revision + 1;
    outcome_.disabled = std::move(disabled);
    return {};
}

namespace {

constexpr std::array<std::string_view, 2> kOperationalBeginnings = {"endpoint.", "delivery."};

bool may_be_operational(std::string_view event_type) {
    if (event_type.empty()) return true;
    return std::any_of(
        kOperationalBeginnings.begin(),
        kOperationalBeginnings.end(),
        [event_type](std::string_view beginning) { return event_type.starts_with(beginning); }
    );
}

}  // namespace

// Merchants name types as they like, so a name alone says no more than that it is not ours.
Result<bool, StoreError> RecordUnit::is_operational(Transaction& transaction) const {
    if (!may_be_operational(order_.event_type)) return false;
    const auto event = storage::find_event(transaction.connection(), outcome_.recorded->row.event);
    if (!event) return event.error();
    return *event && (*event)->kind == storage::StoredEventKind::operational;
}

// What the merchant should know of beyond the delivery itself. The end of an operational event's
// own delivery is not told: it could go on for ever.
Result<void, StoreError> RecordUnit::tell(Transaction& transaction, std::vector<Draft>& drafts) {
    if (!order_.disable_reason.empty()) {
        const auto disabled = disable_endpoint(transaction);
        if (!disabled) return disabled.error();
    }
    if (outcome_.disabled != nullptr) {
        drafts.push_back({this, "endpoint.disabled", order_.disable_reason});
    }
    if (order_.notice != RecordEnd::Notice::none) {
        const bool failing = order_.notice == RecordEnd::Notice::failing;
        drafts.push_back({this, failing ? "endpoint.failing" : "endpoint.recovered", {}});
    }
    const Recorded& recorded = *outcome_.recorded;
    const bool died =
        recorded.kind == Recorded::Kind::applied && recorded.row.state == DeliveryState::dead;
    if (!died) return {};
    const auto operational = is_operational(transaction);
    if (!operational) return operational.error();
    if (!*operational) drafts.push_back({this, "delivery.exhausted", recorded.row.reason});
    return {};
}

storage::EventRow RecordUnit::draft_event(const Draft& draft) const {
    const storage::DeliveryRow& delivery = outcome_.recorded->row;
    const auto endpoint = around_.endpoints.find(order_.endpoint);
    storage::EventRow row;
    row.account = delivery.account;
    row.livemode = delivery.livemode;
    row.kind = storage::StoredEventKind::operational;
    row.own_type = draft.type;
    JsonWriter writer{row.object};
    writer.begin_object();
    writer.member("object", draft.type.substr(0, draft.type.find('.')));
    writer.member("endpoint_id", around_.ids.encode(order_.endpoint));
    writer.member_or_null("url", endpoint == nullptr ? std::string{} : endpoint->url);
    writer.member("delivery_id", around_.ids.encode(delivery.id));
    writer.member("event_id", around_.ids.encode(delivery.event));
    writer.member_integer("attempts", delivery.attempts);
    writer.member_or_null("reason", draft.reason);
    writer.member_or_null("last_error", storage::to_text(delivery.last_error));
    writer.member_integer("last_status", delivery.last_status);
    writer.end_object();
    return row;
}

Result<void, StoreError>
RecordUnit::create_all(Transaction& transaction, const std::vector<Draft>& drafts) {
    if (drafts.empty()) return {};
    std::vector<EventContent> contents;
    contents.reserve(drafts.size());
    std::vector<ToldTo> told;
    for (const Draft& draft : drafts) {
        const RecordUnit& unit = *draft.unit;
        auto content = insert_own_event(transaction, unit.draft_event(draft), unit.around_.ids);
        if (!content) return content.error();
        told.push_back(
            {.event = contents.emplace_back(std::move(*content)), .except = unit.order_.endpoint}
        );
    }
    RecordUnit& first = *drafts.front().unit;
    auto nudges = fan_out_all(transaction, first.around_.endpoints, told);
    if (!nudges) return nudges.error();
    first.outcome_.nudges = std::move(*nudges);
    return {};
}

void RecordUnit::done(Result<storage::Committed, StoreError> result) noexcept {
    if (!result) outcome_ = {};
    around_.thread.mailbox().drop(*this);
}

void RecordUnit::fail_unsubmitted() {
    outcome_ = {};
    around_.thread.mailbox().drop(*this);
}

void RecordUnit::delivered() noexcept {
    const std::unique_ptr<RecordUnit> self{this};
    on_written_(order_, outcome_);
}

}  // namespace postern::dispatch

#include "dispatch/record_unit.hpp"

#include "core/json_writer.hpp"
#include "dispatch/endpoint_settings.hpp"
#include "dispatch/fan_out.hpp"
#include "dispatch/stored_deliveries.hpp"
#include "storage/event_repository.hpp"

#include <utility>

namespace postern::dispatch {

using storage::DeliveryState;
using storage::StoreError;
using storage::Transaction;

RecordUnit::RecordUnit(RecordEnd order, const Surroundings& around, const OnWritten& on_written)
    : order_{std::move(order)}, around_{around}, on_written_{on_written} {}

std::size_t RecordUnit::weight_bytes() const noexcept {
    const auto& attempt = order_.finished.attempt;
    const std::size_t answer =
        attempt ? attempt->response_body.size() + attempt->response_headers.size() : 0;
    return kPlainWeightBytes + answer;
}

Result<void, StoreError> RecordUnit::run(Transaction& transaction) {
    outcome_ = {};
    StoredDeliveries table{transaction};
    auto recorded = record_finished(table, order_.finished);
    if (!recorded) return recorded.error();
    outcome_.recorded = std::move(*recorded);
    if (order_.health) {
        const auto written = storage::put_endpoint_health(transaction, *order_.health);
        if (!written) return written.error();
    }
    if (!order_.disable_reason.empty()) {
        const auto disabled = disable_endpoint(transaction);
        if (!disabled) return disabled.error();
    }
    return tell(transaction);
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
    if (!*updated || known == nullptr) return {};
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

Result<bool, StoreError> RecordUnit::is_operational(Transaction& transaction) const {
    const auto event = storage::find_event(transaction.connection(), outcome_.recorded->row.event);
    if (!event) return event.error();
    return *event && (*event)->kind == storage::StoredEventKind::operational;
}

// What the merchant should know of beyond the delivery itself. The end of an operational event's
// own delivery is not told: it could go on for ever.
Result<void, StoreError> RecordUnit::tell(Transaction& transaction) {
    if (outcome_.disabled != nullptr) {
        const auto told = create(transaction, "endpoint.disabled", order_.disable_reason);
        if (!told) return told.error();
    }
    if (order_.notice != RecordEnd::Notice::none) {
        const bool failing = order_.notice == RecordEnd::Notice::failing;
        const auto told =
            create(transaction, failing ? "endpoint.failing" : "endpoint.recovered", {});
        if (!told) return told.error();
    }
    const Recorded& recorded = *outcome_.recorded;
    const bool died =
        recorded.kind == Recorded::Kind::applied && recorded.row.state == DeliveryState::dead;
    if (!died) return {};
    const auto operational = is_operational(transaction);
    if (!operational) return operational.error();
    if (*operational) return {};
    return create(transaction, "delivery.exhausted", recorded.row.reason);
}

Result<void, StoreError>
RecordUnit::create(Transaction& transaction, std::string_view type, std::string_view reason) {
    const storage::DeliveryRow& delivery = outcome_.recorded->row;
    const auto endpoint = around_.endpoints.find(order_.endpoint);
    storage::EventRow row;
    row.account = delivery.account;
    row.livemode = delivery.livemode;
    row.kind = storage::StoredEventKind::operational;
    row.own_type = type;
    JsonWriter writer{row.object};
    writer.begin_object();
    writer.member("object", type.substr(0, type.find('.')));
    writer.member("endpoint_id", around_.ids.encode(order_.endpoint));
    writer.member_or_null("url", endpoint == nullptr ? std::string{} : endpoint->url);
    writer.member("delivery_id", around_.ids.encode(delivery.id));
    writer.member("event_id", around_.ids.encode(delivery.event));
    writer.member_integer("attempts", delivery.attempts);
    writer.member_or_null("reason", reason);
    writer.member_or_null("last_error", storage::to_text(delivery.last_error));
    writer.member_integer("last_status", delivery.last_status);
    writer.end_object();
    auto created =
        create_event(transaction, around_.endpoints, std::move(row), around_.ids, order_.endpoint);
    if (!created) return created.error();
    outcome_.nudges.insert(outcome_.nudges.end(), created->nudges.begin(), created->nudges.end());
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

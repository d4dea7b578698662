#pragma once

#include "storage/delivery_repository.hpp"
#include "tests/unit/daemon/api_fixture.hpp"

#include <string>
#include <string_view>

namespace postern::daemon {

// What the tests about endpoints, deliveries and jobs have in common.
class EndpointFixture : public ApiFixture {
 protected:
    static constexpr std::string_view kEndpoints = "/api/v2/webhook-endpoints";

    static std::string at(std::string_view id, std::string_view rest = {}) {
        std::string target{kEndpoints};
        target += '/';
        target += id;
        target += rest;
        return target;
    }
    ApiAnswer create(const std::string& fields = {}) {
        const std::string more = fields.empty() ? "" : "," + fields;
        return send(
            "POST", std::string{kEndpoints}, R"({"url":"https://shop.example.com/h")" + more + "}"
        );
    }
    std::string created_id(const std::string& fields = {}) {
        return std::string{create(fields)["id"].string()};
    }
    // A payment's event through ingest; its public id.
    std::string tell(const std::string& id, EventType type = EventType::payment_succeeded) {
        clock_.advance(std::chrono::seconds{1});
        const UnifiedEvent unified{
            .type = type, .gateway_payment_id = "pi_" + id, .amount = "9.99", .currency = "EUR"};
        return event_id(arrive(
            {.body = R"({"id":")" + id + "\"}",
             .events = {{.id = id, .type = "as told", .unified = unified}}}
        ));
    }
    // The first delivery of an endpoint, newest first.
    std::string first_delivery(std::string_view endpoint) {
        return std::string{get(at(endpoint, "/deliveries"))["data.0.id"].string()};
    }
    storage::DeliveryRow stored(std::string_view delivery) {
        const auto id = store_->ids.decode<DeliveryId>(delivery);
        storage::DeliveryRow row;
        change([&row, id](storage::Transaction& transaction) -> StoreResult {
            auto found = storage::find_delivery(transaction.connection(), *id);
            if (!found) return found.error();
            row = **found;
            return {};
        });
        return row;
    }
    // Ends a delivery as the dispatcher would.
    void close_as(std::string_view delivery, storage::DeliveryState state) {
        const storage::DeliveryRow row = stored(delivery);
        change([&row, state](storage::Transaction& transaction) -> StoreResult {
            const auto changed = storage::change_delivery(
                transaction,
                {.id = row.id,
                 .fence = row.fence,
                 .state = state,
                 .queue = {},
                 .due_at = row.due_at,
                 .order_key = row.order_key,
                 .attempts = row.attempts + 1,
                 .round_attempts = row.round_attempts + 1,
                 .round_started_at = row.round_started_at,
                 .last_status = 500,
                 .last_error = storage::AttemptError::http_5xx,
                 .reason = "exhausted",
                 .finished_at = transaction.now()}
            );
            if (!changed) return changed.error();
            EXPECT_TRUE(*changed);
            return {};
        });
    }
};

}  // namespace postern::daemon

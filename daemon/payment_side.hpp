#pragma once

#include "config/config.hpp"
#include "core/metrics.hpp"
#include "core/result.hpp"
#include "daemon/api.hpp"
#include "daemon/delivery_side.hpp"
#include "daemon/gateways.hpp"
#include "daemon/neighbours.hpp"
#include "daemon/provider_desk.hpp"
#include "daemon/sandbox_settings.hpp"
#include "storage/ingest.hpp"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace postern::daemon {

// The payment API's place in the daemon. Nothing of the module payments/ shows here: this program
// is also built without it.
class PaymentSide {
 public:
    struct Parts {
        const config::Config& config;
        const Clock& clock;
        MetricRegistry& metrics;
        DeliverySide& delivery;
        const GatewayDirectory& gateways;        // filled before open()
        const Neighbours* neighbours = nullptr;  // null: nobody else works with this store
    };
    // Before the writer, whose transactions its ingest step joins. Null: this build has no payment
    // API, or the operator wants none.
    static std::unique_ptr<PaymentSide>
    make(const Parts& parts, const std::vector<ResolvedGateway>& resolved);

    // What is wrong with [payments] default_gateway, given the gateways that there are: money must
    // not look for its way by a misspelt name.
    static std::optional<Complaint> complaint_about_default(
        const config::Payments& settings,
        std::span<const config::Gateway> gateways
    );

    virtual ~PaymentSide() = default;

    // Runs before the step that fans events out.
    virtual storage::IngestStep& ingest_step() = 0;
    virtual ProviderDesk& provider_desk() = 0;

    struct Opening {
        Store& store;
        std::string bound;  // what the public listener says it listens on
    };
    // When the listeners are bound and nobody is served yet. From here on everything below works.
    virtual Result<void, Complaint> open(const Opening& opening) = 0;

    // They live as long as this object.
    virtual std::span<const Route> routes() const = 0;
    // Of one of these routes, whose key has been proved.
    virtual net::Task<HttpReply> answer(const ApiCall& call) = 0;

    // As merchants reach this daemon, without a slash at the end; empty: not known.
    virtual std::string_view public_url() const { return {}; }

    virtual void start() = 0;
    // What one node does for all: again and again, as it wins and loses the lead.
    virtual void start_background() = 0;
    virtual void stop_background() = 0;
    // A gateway of this id was given other secrets: who plays its provider signs with them.
    virtual void take_settings(const config::Gateway&) {}
    // Calls our own receiver no more, which is about to end.
    virtual void begin_stop() = 0;
    // The writer must still run.
    virtual void stop() = 0;
};

}  // namespace postern::daemon

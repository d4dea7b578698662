#include "daemon/payment_side.hpp"

#include "core/settings.hpp"
#include "daemon/order_runner.hpp"
#include "daemon/payment_calls.hpp"
#include "daemon/payment_house.hpp"
#include "daemon/payment_news.hpp"
#include "daemon/sandbox_poster.hpp"
#include "payments/gateways/sandbox/sandbox_gateway.hpp"

#include <optional>
#include <set>
#include <utility>

namespace postern::daemon {
namespace {

// As customers reach our own pages; no slash at the end.
std::string own_url(const config::Config& config, const OwnListener& listener) {
    if (!config.public_url.empty()) return config.public_url;
    std::string url = listener.url.scheme == UrlScheme::https ? "https://" : "http://";
    url += host_field(listener.url);
    return url;
}

// The whole payment API, built when the store is open and the listeners are bound.
class Running final : public PaymentSide {
 public:
    Running(const Parts& parts, std::vector<SandboxVoice> voices)
        : parts_{parts}, voices_{std::move(voices)} {}

    storage::IngestStep& ingest_step() override { return news_; }
    ProviderDesk& provider_desk() override { return news_; }
    std::span<const Route> routes() const override { return routes_; }

    Result<void, Complaint> open(const Opening& opening) override {
        listener_ = own_listener(parts_.config, opening.bound);
        surroundings_.emplace(PaymentSurroundings::Parts{
            .config = parts_.config,
            .gateways = parts_.gateways,
            .secrets = parts_.delivery.secrets(),
            .ids = opening.store.ids,
            .public_url = own_url(parts_.config, listener_)});
        store_.emplace(PaymentStore{
            .store = opening.store,
            .endpoints = parts_.delivery.endpoints(),
            .gateway_name = parts_.delivery.gateway_names(),
            .dispatcher = parts_.delivery.dispatcher(),
            .on_committed = [this] {
                if (poster_ != nullptr) poster_->wake();
            }});
        open_workers();
        open_routes();
        return {};
    }

    net::Task<HttpReply> answer(const ApiCall& call) override { return calls_->answer(call); }

    std::string_view public_url() const override { return surroundings_->everything().public_url; }

    void start() override { orders_->start(); }

    void start_background() override {
        orders_->wake();  // for what dead nodes left
        house_->start();
        if (poster_ != nullptr) poster_->start();
    }

    void stop_background() override {
        if (poster_ != nullptr) poster_->stop();
        if (house_) house_->stop();
    }

    void take_settings(const config::Gateway& wanted) override {
        const Gateway* gateway = parts_.gateways.find(wanted.id);
        if (poster_ == nullptr || gateway == nullptr) return;
        poster_->take_settings(gateway->number, wanted.settings);
    }

    void begin_stop() override {
        if (poster_ != nullptr) poster_->stop();
    }

    void stop() override {
        begin_stop();
        if (house_) house_->stop();
        if (orders_) orders_->stop();
    }

 private:
    void open_workers() {
        const payments::Surroundings& everything = surroundings_->everything();
        orders_.emplace(OrderRunner::Parts{
            .store = *store_,
            .clock = parts_.clock,
            .around = everything,
            .metrics = parts_.metrics,
            .neighbours = parts_.neighbours});
        house_.emplace(PaymentHouse::Parts{
            .store = *store_,
            .clock = parts_.clock,
            .surroundings = *surroundings_,
            .metrics = parts_.metrics,
            .payouts = parts_.config.payments.payouts,
            .guard = guard_of(parts_.neighbours)});
        news_.open(
            {.store = *store_,
             .around = everything,
             .orders = *orders_,
             .fan_out = parts_.delivery.fan_out(),
             .stale = stale_news_counter(parts_.metrics)}
        );
        SandboxVoices voices;
        for (SandboxVoice& voice : voices_) {
            const Gateway* gateway = parts_.gateways.find(voice.gateway_id);
            if (gateway != nullptr) voices.emplace(gateway->number, std::move(voice));
        }
        SandboxPoster::Parts poster{
            .store = store_->store,
            .clock = parts_.clock,
            .voices = std::move(voices),
            .listener = listener_,
            .guard = guard_of(parts_.neighbours)};
        if (parts_.neighbours != nullptr) poster.look_again_after = kNeighboursLeaveWork;
        poster_ = SandboxPoster::make(std::move(poster));
    }

    void open_routes() {
        calls_.emplace(PaymentCalls::Parts{
            .store = *store_,
            .surroundings = *surroundings_,
            .clock = parts_.clock,
            .orders = *orders_,
            .gateway_wait = parts_.config.payments.gateway_wait});
        for (const auto routes :
             {payments::onerway_routes(),
              payments::rcommerce_routes(),
              payments::sandbox_routes()}) {
            for (Route& route : mounted(routes)) routes_.push_back(route);
        }
    }

    Parts parts_;
    std::vector<SandboxVoice> voices_;
    OwnListener listener_;
    std::optional<PaymentSurroundings> surroundings_;
    std::optional<PaymentStore> store_;
    std::optional<OrderRunner> orders_;
    std::optional<PaymentHouse> house_;
    std::optional<PaymentCalls> calls_;
    std::unique_ptr<SandboxPoster> poster_;  // null: no gateway is in sandbox mode
    PaymentNews news_;
    std::vector<Route> routes_;
};

}  // namespace

std::unique_ptr<PaymentSide>
PaymentSide::make(const Parts& parts, const std::vector<ResolvedGateway>& resolved) {
    if (!parts.config.payments.enabled) return nullptr;
    return std::make_unique<Running>(parts, sandbox_voices(resolved));
}

std::optional<Complaint> PaymentSide::complaint_about_default(
    const config::Payments& settings,
    std::span<const config::Gateway> gateways
) {
    const std::string& wanted = settings.default_gateway;
    // Who writes none may have any gateways.
    if (!settings.enabled || wanted == config::Payments{}.default_gateway) return std::nullopt;
    std::set<std::string, std::less<>> able;
    for (const config::Gateway& gateway : gateways) {
        const bool takes = payments::make_sandbox_gateway(gateway.kind, {}) != nullptr;
        if (takes) able.insert(gateway.id);
    }
    if (able.contains(wanted)) return std::nullopt;
    std::string message =
        "[payments]: default_gateway must be the id of a gateway that takes payments";
    if (const auto likely = closest(wanted, able)) message += "; did you mean " + *likely + "?";
    return Complaint{std::move(message)};
}

}  // namespace postern::daemon

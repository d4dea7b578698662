#include "tests/unit/daemon/payment_fixture.hpp"

#include "daemon/route_table.hpp"

namespace postern::daemon {

class PaymentFixture::Side final : public PaymentSide {
 public:
    explicit Side(PaymentFixture& fixture) : fixture_{fixture} {
        for (const auto routes :
             {payments::onerway_routes(),
              payments::rcommerce_routes(),
              payments::sandbox_routes()}) {
            for (Route& route : mounted(routes)) routes_.push_back(route);
        }
    }
    storage::IngestStep& ingest_step() override { return fixture_.news_; }
    ProviderDesk& provider_desk() override { return fixture_.news_; }
    Result<void, Complaint> open(const Opening&) override { return {}; }
    std::span<const Route> routes() const override { return routes_; }
    net::Task<HttpReply> answer(const ApiCall& call) override {
        return fixture_.calls_->answer(call);
    }
    void start() override {}
    void start_background() override {}
    void stop_background() override {}
    void begin_stop() override {}
    void stop() override {}

 private:
    PaymentFixture& fixture_;
    std::vector<Route> routes_;
};

PaymentFixture::PaymentFixture() {
    config_.payments.gateway_wait = std::chrono::seconds{30};
}

PaymentFixture::~PaymentFixture() {
    early_step_.to = nullptr;
    if (orders_) orders_->stop();
}

void PaymentFixture::open_payments() {
    surroundings_.emplace(PaymentSurroundings::Parts{
        .config = config_,
        .gateways = gateways_,
        .secrets = secrets_,
        .ids = store_->ids,
        .public_url = "http://127.0.0.1:8080"});
    payment_store_.emplace(PaymentStore{
        .store = *store_,
        .endpoints = *endpoints_,
        .gateway_name = gateway_names(),
        .dispatcher = *dispatcher_,
        .on_committed = {}});
    const payments::Surroundings& everything = surroundings_->everything();
    orders_.emplace(OrderRunner::Parts{
        .store = *payment_store_, .clock = clock_, .around = everything, .metrics = metrics_});
    calls_.emplace(PaymentCalls::Parts{
        .store = *payment_store_,
        .surroundings = *surroundings_,
        .clock = clock_,
        .orders = *orders_,
        .gateway_wait = config_.payments.gateway_wait});
    news_.open(
        {.store = *payment_store_,
         .around = everything,
         .orders = *orders_,
         .fan_out = *fan_out_,
         .stale = stale_news_counter(metrics_)}
    );
    early_step_.to = &news_;
    side_ = std::make_unique<Side>(*this);
    auto routes = std::make_shared<RouteTable>(api_routes());
    routes->add(side_->routes());
    around_->payments = side_.get();
    around_->routes = std::move(routes);
    if (orders_are_ == Orders::run) orders_->start();
}

ApiAnswer
PaymentFixture::post_form(const std::string& target, std::string form, const std::string& key) {
    Ask wanted{
        .method = "POST",
        .target = target,
        .body = std::move(form),
        .fields = {
            {"Authorization", "Bearer " + secret_key_},
            {"Content-Type", "application/x-www-form-urlencoded"}}};
    if (!key.empty()) wanted.fields.emplace_back("Idempotency-Key", key);
    return ask(wanted);
}

ApiAnswer
PaymentFixture::post_json(const std::string& target, std::string body, const std::string& key) {
    Ask wanted{
        .method = "POST",
        .target = target,
        .body = std::move(body),
        .fields = {
            {"Authorization", "Bearer " + secret_key_}, {"Content-Type", "application/json"}}};
    if (!key.empty()) wanted.fields.emplace_back("Idempotency-Key", key);
    return ask(wanted);
}

ApiAnswer PaymentFixture::pay(const Paying& paying) {
    std::string form =
        "amount=1099&currency=usd&confirm=true&payment_method_data[type]=card"
        "&payment_method_data[card][exp_month]=12&payment_method_data[card][exp_year]=2034"
        "&payment_method_data[card][cvc]=123&payment_method_data[card][number]=";
    form += paying.card;
    form += paying.more;
    return post_form("/v1/payment_intents", std::move(form), paying.key);
}

std::string PaymentFixture::told() {
    const auto answer = get("/v1/events?limit=100");
    const auto events = answer["data"].items();
    std::string types;
    for (auto event = events.rbegin(); event != events.rend(); ++event) {
        types += (*event)["type"].string();
        types += ' ';
    }
    return types;
}

std::string PaymentFixture::inbox_events() {
    const auto answer = get("/api/v2/inbox?order=asc");
    std::string ids;
    for (const JsonValue item : answer["data"].items()) {
        for (const JsonValue id : item["event_ids"].items()) {
            ids += id.string();
            ids += ' ';
        }
    }
    return ids;
}

std::string PaymentFixture::gateway_id_of(const ApiAnswer& payment_intent) const {
    return std::string{payment_intent["id"].string()};
}

}  // namespace postern::daemon

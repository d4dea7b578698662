#include "tests/unit/payments/dialects/rcommerce/rcommerce_fixture.hpp"

#include "storage/sqlite/sqlite_database.hpp"

#include <chrono>

namespace postern::payments::rcommerce {
namespace {

constexpr std::string_view kPublicUrl = "http://127.0.0.1:8080";
constexpr std::string_view kRequestId = "req_1";

std::vector<std::string_view> segments_of(std::string_view path) {
    std::vector<std::string_view> segments;
    while (!path.empty()) {
        path.remove_prefix(1);
        segments.push_back(path.substr(0, path.find('/')));
        path.remove_prefix(segments.back().size());
    }
    return segments;
}

std::optional<std::vector<std::string>> match(std::string_view pattern, std::string_view path) {
    const auto wanted = segments_of(pattern);
    const auto sent = segments_of(path);
    if (wanted.size() != sent.size()) return std::nullopt;
    std::vector<std::string> values;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (wanted[i].starts_with('{')) {
            values.emplace_back(sent[i]);
        } else if (wanted[i] != sent[i]) {
            return std::nullopt;
        }
    }
    return values;
}

PaymentGateway sandbox(std::string_view kind, std::int64_t number, const IdCodec& ids) {
    const SandboxOptions options{.public_url = std::string{kPublicUrl}, .ids = ids};
    return {
        .name = std::string{kind},
        .kind = std::string{kind},
        .number = {number},
        .mode = PaymentGateway::Mode::sandbox,
        .gateway = make_sandbox_gateway(kind, options)};
}

}  // namespace

Answer::Answer(HttpReply reply) : reply_{std::move(reply)} {
    auto document = JsonDocument::parse(reply_.body);
    EXPECT_TRUE(document.has_value()) << reply_.body;
    if (!document) document = JsonDocument::parse("{}");
    document_ = std::make_unique<JsonDocument>(std::move(*document));
}

std::vector<std::string> Answer::fields() const {
    std::vector<std::string> fields;
    for (const JsonValue detail : at("error.details").items()) {
        fields.emplace_back(detail["field"].string());
    }
    return fields;
}

Result<EventId, storage::StoreError>
ListeningDoor::announce(storage::Transaction& transaction, const Announcement& announcement) {
    told.push_back({announcement.type, announcement.stripe_type, announcement.object});
    return EventId{transaction.next_id()};
}

RcommerceTest::RcommerceTest() {
    clock_.at = from_unix_seconds(1'769'594'400);  // 2026-01-28T10:00:00Z
}

void RcommerceTest::SetUp() {
    storage::SqliteOptions options{.directory = directory_.path() / "store"};
    options.limits.reserve_bytes = 1 << 20;
    auto opened = storage::open_sqlite(std::move(options), clock_);
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
    database_ = std::move(*opened);
    const IdCodec ids{database_->keys().ids};
    std::vector<PaymentGateway> gateways;
    std::int64_t number = 0;
    for (const std::string_view kind : {"stripe", "airwallex", "wechatpay", "alipay"}) {
        gateways.push_back(sandbox(kind, ++number, ids));
    }
    desk_ = std::make_unique<CardDesk>("secret", std::vector<CardDesk::VaultKey>{});
    gateways_ = std::make_unique<GatewayBook>(std::move(gateways), "stripe");
    around_ = std::make_unique<Surroundings>(Surroundings{
        ids, *gateways_, *desk_, std::string{kPublicUrl}});
}

Plan RcommerceTest::plan_of(const Ask& ask) {
    HttpRequest request;
    request.method = ask.method;
    request.target = ask.target;
    const auto mark = request.target.find('?');
    request.path = request.target.substr(0, mark);
    if (mark != std::string_view::npos) request.query = request.target.substr(mark + 1);
    request.body = ask.body;
    for (const Route& route : rcommerce_routes()) {
        auto values = match(route.pattern, request.path);
        if (!values || route.method != ask.method) continue;
        const Call call{
            .around = *around_,
            .request = request,
            .path = std::move(*values),
            .caller = {.owner = ask.owner},
            .language = ask.language,
            .now = clock_.at,
            .request_id = kRequestId};
        return route.plan(call);
    }
    ADD_FAILURE() << "no route takes " << ask.method << ' ' << ask.target;
    return HttpReply{.status = 404, .body = "{}"};
}

Answer RcommerceTest::ask(const Ask& ask) {
    return Answer{carry_out(ask, plan_of(ask))};
}

HttpReply RcommerceTest::carry_out(const Ask& ask, Plan plan) {
    if (auto* reply = std::get_if<HttpReply>(&plan)) return std::move(*reply);
    storage::WriteConnection& connection = database_->writer();
    Reply reply = HttpReply{};
    if (const auto* reading = std::get_if<ReadPlan>(&plan)) {
        reply = (*reading)(Books{connection, *around_, ask.owner, clock_.at});
    } else {
        const WritePlan& writing = std::get<WritePlan>(plan);
        idempotency_key_ = writing.idempotency_key;
        EXPECT_TRUE(connection.begin().has_value());
        storage::Transaction transaction{{connection, database_->ids(), clock_.at}};
        Work work{transaction, *around_, door_, ask.owner, {}};
        reply = writing.run(work);
        EXPECT_TRUE(connection.commit().has_value());
    }
    EXPECT_TRUE(reply.has_value()) << "the store failed";
    return reply ? std::move(*reply) : HttpReply{.status = 500, .body = "{}"};
}

std::string card_json(std::string_view number) {
    std::string json = R"({"type":"card","card":{"number":")";
    json += number;
    json += R"(","exp_month":12,"exp_year":2025,"cvc":"123","name":"John Doe"}})";
    return json;
}

namespace {

std::string body_with(std::string_view gateway, std::string_view card, std::string_view more) {
    std::string body = R"({"amount":"59.49","currency":"USD",")";
    body += gateway;
    body += R"(":"stripe","payment_method":)";
    body += card_json(card);
    if (!more.empty()) body += ',';
    body += more;
    body += '}';
    return body;
}

}  // namespace

std::string older_body(std::string_view card, std::string_view more) {
    return body_with("gateway", card, more);
}

std::string newer_body(std::string_view card, std::string_view more) {
    return body_with("gateway_id", card, more);
}

}  // namespace postern::payments::rcommerce

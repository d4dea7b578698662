#include "tests/unit/payments/dialects/onerway/onerway_fixture.hpp"

#include "core/bytes.hpp"

namespace postern::payments::onerway {
namespace {

std::vector<std::string_view> split(std::string_view path) {
    std::vector<std::string_view> parts;
    for (;;) {
        const auto slash = path.find('/');
        parts.push_back(path.substr(0, slash));
        if (slash == std::string_view::npos) return parts;
        path.remove_prefix(slash + 1);
    }
}

std::optional<std::vector<std::string>> match(std::string_view pattern, std::string_view path) {
    const auto wanted = split(pattern);
    const auto parts = split(path);
    if (wanted.size() != parts.size()) return std::nullopt;
    std::vector<std::string> values;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (wanted[i].starts_with('{')) {
            values.emplace_back(parts[i]);
        } else if (wanted[i] != parts[i]) {
            return std::nullopt;
        }
    }
    return values;
}

std::string text_of(JsonValue value) {
    switch (value.kind()) {
        case JsonKind::missing: return "missing";
        case JsonKind::null: return "null";
        case JsonKind::boolean: return *value.boolean() ? "true" : "false";
        case JsonKind::number:
        case JsonKind::string: return std::string{value.text()};
        case JsonKind::array: return "[]";
        case JsonKind::object: return "{}";
    }
    return {};
}

}  // namespace

Answer::Answer(HttpReply reply) : reply_{std::move(reply)} {
    auto document = JsonDocument::parse(reply_.body);
    EXPECT_TRUE(document.has_value()) << reply_.body;
    if (!document) document = JsonDocument::parse("{}");
    document_ = std::move(*document);
}

std::string Answer::at(std::string_view path) const {
    return text_of(json(path));
}

std::string Answer::error() const {
    const JsonValue error = json("error");
    if (!error.exists()) return std::to_string(status());
    std::string text = std::to_string(status());
    text += ' ';
    text += error["code"].string();
    text += '|';
    text += error["param"].string();
    text += '|';
    text += error["message"].string();
    return text;
}

std::vector<std::string> Answer::ids() const {
    std::vector<std::string> ids;
    for (const JsonValue item : json("data").items()) ids.emplace_back(item["id"].string());
    return ids;
}

void OnerwayTest::pay_and_dispute(std::string_view amount) {
    std::string form = "currency=usd&payment_method=pm_card_createDispute&confirm=true&amount=";
    form += amount;
    made("/v1/payment_intents", form);
    for (const MessageRow& row : messages()) {
        if (row.message.event.type == EventType::dispute_created) hear(row.message.event);
    }
}

HttpReply OnerwayTest::run_plan(Plan plan) {
    if (auto* reply = std::get_if<HttpReply>(&plan)) return std::move(*reply);
    if (const auto* reading = std::get_if<ReadPlan>(&plan)) return read((*reading)(books()));
    const auto& writing = std::get<WritePlan>(plan);
    return read(run([&](Work& work) { return writing.run(work); }));
}

Answer OnerwayTest::ask(const Asking& asking) {
    HttpRequest request;
    request.method = asking.method;
    request.target = asking.target;
    request.path = asking.target.substr(0, asking.target.find('?'));
    if (request.path.size() < asking.target.size()) {
        request.query = asking.target.substr(request.path.size() + 1);
    }
    request.body = asking.body;
    request.fields.add({"Content-Type", asking.content_type});
    if (asking.is_stripe_client) request.fields.add({"Stripe-Version", "2026-10-28.endive"});
    for (const Route& route : onerway_routes()) {
        auto path = match(route.pattern, request.path);
        if (!path || route.method != asking.method) continue;
        const Call call{
            .around = around_,
            .request = request,
            .path = std::move(*path),
            .caller = {.owner = owner_, .key = asking.key},
            .now = clock_.now()};
        return Answer{run_plan(route.plan(call))};
    }
    ADD_FAILURE() << "no route for " << asking.method << ' ' << asking.target;
    return Answer{HttpReply{.status = 404, .body = "{}"}};
}

std::string OnerwayTest::made(std::string_view target, std::string_view form) {
    const Answer answer = post(target, form);
    EXPECT_EQ(answer.status(), 200) << answer.body();
    return answer.id();
}

std::string OnerwayTest::paid(std::string_view more) {
    std::string form = "amount=1000&currency=usd&payment_method=pm_card_visa&confirm=true";
    form += more;
    return made("/v1/payment_intents", form);
}

}  // namespace postern::payments::onerway

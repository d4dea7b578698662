#include "daemon/masked_parameters.hpp"

#include "core/json_document.hpp"

#include <gtest/gtest.h>

namespace postern::daemon {
namespace {

struct Case {
    const char* name;
    const char* query;
    const char* body;
    const char* kept;
};

const Case kCases[] = {
    {"nothing", "", "", "{}"},
    {"a query", "limit=5&email=a%40b.c", "", R"({"query":{"limit":"5","email":"a***@b.c"}})"},
    {"a form",
     "",
     "amount=2000&metadata[order]=7&types[]=card",
     R"({"body":{"amount":"2000","metadata":{"order":"7"},"types":["card"]}})"},
    {"JSON",
     "expand=x",
     R"({"amount":2000,"capture":true,"items":[{"a":1},{"a":2}],"none":null})",
     R"({"query":{"expand":"x"},"body":{"amount":"2000","capture":"true",)"
     R"("items":[{"a":"1"},{"a":"2"}],"none":""}})"},
    {"a card in a form",
     "",
     "type=card&card[number]=4242424242424242&card[cvc]=123&card[exp_month]=12",
     R"({"body":{"type":"card","card":{"number":"****","cvc":"****","exp_month":"****"}}})"},
    {"a card where none belongs",
     "",
     R"({"description":"4242 4242 4242 4242","4242424242424242":"x"})",
     R"({"body":{"description":"****","****":"x"}})"},
    {"a secret in a query",
     "client_secret=pi_1_secret_2",
     "",
     R"({"query":{"client_secret":"****"}})"},
    {"a body that cannot be read", "", "{\"card\":", R"({"body_bytes":8})"},
};

HttpRequest request_of(std::string_view query, std::string_view body) {
    HttpRequest request;
    request.method = "POST";
    request.query = query;
    request.body = body;
    return request;
}

TEST(MaskedParameters, KeepNamesAndHideWhatIsSecret) {
    for (const Case& test_case : kCases) {
        SCOPED_TRACE(test_case.name);
        EXPECT_EQ(masked_parameters(request_of(test_case.query, test_case.body)), test_case.kept);
    }
}

TEST(MaskedParameters, StayWithinTheirBoundAndWhole) {
    std::string wide = "{\"a\":\"x\"";
    for (int i = 0; i < 300; ++i) {
        wide += ",\"field" + std::to_string(i) + "\":\"" + std::string(40, 'v') + '"';
    }
    std::string deep;
    for (int i = 0; i < 6; ++i) deep += "{\"" + std::string(700, 'n') + "\":";
    deep += "\"x\"" + std::string(6, '}');
    const std::string control = "{\"a\":\"" + std::string(100'000, 'b') + "\"}";
    std::string escapes = "a=";
    for (int i = 0; i < 2'000; ++i) escapes += "%01";
    std::string names;
    for (int i = 0; i < 200; ++i) names += "k" + std::to_string(i) + "[a][b][c]=%E4%BD%A0&";
    for (const std::string& body : {wide + "}", deep, control, escapes, names}) {
        const std::string kept = masked_parameters(request_of("a=b", body));
        EXPECT_LE(kept.size(), kMaskedParametersBytesMax);
        EXPECT_TRUE(JsonDocument::parse(kept).has_value()) << kept;
    }
    const std::string kept = masked_parameters(request_of("", wide + "}"));
    const auto document = JsonDocument::parse(kept);
    EXPECT_EQ(document->root()["truncated"].boolean(), true);
    EXPECT_EQ(document->root()["body"]["a"].string(), "x");
}

TEST(MaskedLines, ArePrintableAndBounded) {
    EXPECT_EQ(masked_line("/v1/x\r\n\xff", 100), "/v1/x???");
    EXPECT_EQ(masked_line("/v1/4242424242424242", 100), "/v1/****");
    EXPECT_EQ(masked_line("abcdef", 3), "abc");
}

}  // namespace
}  // namespace postern::daemon

#include "tests/unit/payments/dialects/described_routes.hpp"

#include "core/json_document.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <vector>

namespace postern::payments {
namespace {

struct DescribedOperation {
    std::string name;
    JsonValue value;
};

std::string upper(std::string_view method) {
    std::string text{method};
    for (char& c : text) c = static_cast<char>(c - ('a' - 'A'));
    return text;
}

bool is_open(JsonValue operation) {
    return operation["security"].is_array();
}

// Every path stands below each of its servers.
void visit_path(
    JsonValue document,
    const JsonMember& path,
    const std::function<void(const DescribedOperation&)>& visit
) {
    const JsonValue own = path.value["servers"];
    for (const JsonValue server : (own.exists() ? own : document["servers"]).items()) {
        std::string base{server["url"].string()};
        if (base == "/") base.clear();
        for (const JsonMember& method : path.value.members()) {
            if (method.key == "servers") continue;
            visit({upper(method.key) + ' ' + base + std::string{path.key}, method.value});
        }
    }
}

void visit_all(
    std::string_view openapi_json,
    const std::function<void(const DescribedOperation&)>& visit
) {
    const auto document = JsonDocument::parse(openapi_json);
    ASSERT_TRUE(document.has_value());
    EXPECT_EQ(document->root()["openapi"].string(), "3.1.0");
    for (const JsonMember& path : document->root()["paths"].members()) {
        visit_path(document->root(), path, visit);
    }
}

}  // namespace

Operations described_operations(std::string_view openapi_json) {
    Operations operations;
    visit_all(openapi_json, [&operations](const DescribedOperation& operation) {
        operations.insert(operation.name + (is_open(operation.value) ? " open" : ""));
    });
    return operations;
}

Operations routed_operations(std::span<const Route> routes) {
    Operations operations;
    for (const Route& route : routes) {
        std::string name{route.method};
        name += ' ';
        name += route.pattern;
        if (route.needs == Needs::open) name += " open";
        operations.insert(std::move(name));
    }
    return operations;
}

Operations without_refusals(std::string_view openapi_json) {
    Operations operations;
    visit_all(openapi_json, [&operations](const DescribedOperation& operation) {
        for (const char* status : {"401", "403", "429"}) {
            const bool told = operation.value["responses"][status].exists();
            if (told == is_open(operation.value)) operations.insert(operation.name);
        }
    });
    return operations;
}

}  // namespace postern::payments

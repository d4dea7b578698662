#include "daemon/api/event_catalogue.hpp"

#include "core/json_document.hpp"
#include "daemon/api/openapi.hpp"
#include "tests/unit/daemon/api_fixture.hpp"

#include <set>

namespace postern::daemon {
namespace {

std::set<std::string> keys_of(JsonValue object) {
    std::set<std::string> keys;
    for (const JsonMember& member : object.members()) keys.emplace(member.key);
    return keys;
}

std::set<std::string> texts_of(JsonValue array) {
    std::set<std::string> texts;
    for (const JsonValue item : array.items()) texts.emplace(item.string());
    return texts;
}

void expect_closed_object(JsonValue schema, JsonValue example) {
    EXPECT_EQ(schema["additionalProperties"].boolean(), false);
    EXPECT_EQ(keys_of(schema["properties"]), keys_of(example));
    EXPECT_EQ(texts_of(schema["required"]), keys_of(example));
}

std::string schema_name(std::string_view object) {
    std::string name{object};
    name.front() = static_cast<char>(name.front() - ('a' - 'A'));
    return name;
}

TEST(EventCatalogue, AgreesWithItsExamplesAndTheDocument) {
    const auto openapi = JsonDocument::parse(openapi_document());
    ASSERT_TRUE(openapi.has_value());
    const JsonValue schemas = openapi->root().path("components.schemas");
    for (const EventType type : all_event_types()) {
        SCOPED_TRACE(to_text(type));
        std::string text;
        JsonWriter writer{text};
        writer.begin_array();
        append_event_schema(writer, type);
        append_event_example(writer, type);
        writer.end_array();
        const auto document = JsonDocument::parse(text);
        ASSERT_TRUE(document.has_value());
        const JsonValue schema = document->root()[0];
        const JsonValue example = document->root()[1];
        const JsonValue object = example.path("data.object");
        const JsonValue object_schema = schema.path("properties.data.properties.object");
        expect_closed_object(schema, example);
        expect_closed_object(object_schema, object);
        EXPECT_EQ(schema.path("properties.type.const").string(), to_text(type));
        EXPECT_TRUE(texts_of(object_schema.path("properties.status.enum"))
                        .contains(std::string{object["status"].string()}));
        expect_closed_object(schemas["Event"], example);
        expect_closed_object(schemas[schema_name(object["object"].string())], object);
        EXPECT_FALSE(event_description(type).empty());
    }
}

class EventTypes : public ApiFixture {};

TEST_F(EventTypes, AreListedWithSchemaAndExample) {
    const auto answer = get("/api/v2/event-types?limit=100");
    EXPECT_EQ(answer.reply.status, 200);
    EXPECT_EQ(answer["data"].size(), kEventTypeCount);
    EXPECT_EQ(answer["has_more"].boolean(), false);
    for (const JsonValue item : answer["data"].items()) {
        EXPECT_EQ(
            keys_of(item), (std::set<std::string>{"type", "description", "schema", "example"})
        );
        EXPECT_EQ(item.path("example.type").string(), item["type"].string());
    }
}

}  // namespace
}  // namespace postern::daemon

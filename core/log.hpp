#pragma once

#include <cstdint>
#include <exception>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

// Structured log: an event's name and fields, one line each. The level says who acts: error a
// human now, warn a human later, info nobody (a state changed), debug us.
// Never a body, a secret or a card number: fields are ids, names, counts and reasons.
namespace postern::log {

enum class Level { debug, info, warn, error };
enum class Format { text, json };

struct Options {
    Level level = Level::info;
    Format format = Format::text;
};

void configure(Options options);
// While other threads write.
void reconfigure(Options options);

struct Field {
    std::string_view name;
    std::variant<std::string_view, std::int64_t> value;

    Field(std::string_view field_name, std::string_view text) : name{field_name}, value{text} {}
    Field(std::string_view field_name, const char* text)
        : name{field_name}, value{std::string_view{text}} {}
    Field(std::string_view field_name, const std::string& text)
        : name{field_name}, value{std::string_view{text}} {}
    template <class Integer>
    requires std::is_integral_v<Integer> Field(std::string_view field_name, Integer number)
        : name{field_name}, value{static_cast<std::int64_t>(number)} {}
};
using Fields = std::initializer_list<Field>;

void debug(std::string_view event, Fields fields = {});
void info(std::string_view event, Fields fields = {});
void warn(std::string_view event, Fields fields = {});
void error(std::string_view event, Fields fields = {});
// What ended a task early, if anything did.
void failure(std::string_view event, const std::exception_ptr& thrown);

// What a line looks like, for tests and for whoever adds a format.
std::string render_text(std::string_view event, Fields fields);
std::string render_json(Level level, std::string_view event, Fields fields);

}  // namespace postern::log

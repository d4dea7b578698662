#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace postern {

// Appends JSON to a string as it is told, commas included: for answers and payloads that are
// written once and in order, without a tree in between.
class JsonWriter {
 public:
    explicit JsonWriter(std::string& out) : out_{out} {}

    void begin_object() { open('{'); }
    void end_object() { close('}'); }
    void begin_array() { open('['); }
    void end_array() { close(']'); }

    void key(std::string_view name);
    void string(std::string_view text);
    void integer(std::int64_t value);
    void boolean(bool value) { raw(value ? "true" : "false"); }
    void null() { raw("null"); }
    void raw(std::string_view json);  // already JSON

    void member(std::string_view name, std::string_view text) {
        key(name);
        string(text);
    }
    void member_or_null(std::string_view name, std::string_view text) {
        key(name);
        text.empty() ? null() : string(text);
    }
    void member_integer(std::string_view name, std::int64_t value) {
        key(name);
        integer(value);
    }
    void member_boolean(std::string_view name, bool value) {
        key(name);
        boolean(value);
    }

 private:
    void separate();
    void open(char bracket);
    void close(char bracket);

    std::string& out_;
    bool first_ = true;  // no comma before what comes next
};

void append_json_string(std::string& out, std::string_view text);

}  // namespace postern

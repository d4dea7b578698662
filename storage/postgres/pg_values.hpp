#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// Values as PostgreSQL sends and takes them in binary: numbers most significant byte first.
namespace postern::storage {

// The numbers by which PostgreSQL names its types, of those that are used here.
namespace pg_type {
inline constexpr unsigned kUnknown = 0;  // the server decides by where the parameter stands
inline constexpr unsigned kBoolean = 16;
inline constexpr unsigned kBytes = 17;
inline constexpr unsigned kInteger8 = 20;
inline constexpr unsigned kInteger2 = 21;
inline constexpr unsigned kInteger4 = 23;
inline constexpr unsigned kText = 25;
inline constexpr unsigned kBytesArray = 1001;
inline constexpr unsigned kTextArray = 1009;
inline constexpr unsigned kInteger8Array = 1016;
inline constexpr unsigned kNumeric = 1700;
}  // namespace pg_type

struct PgValue {
    unsigned type = pg_type::kUnknown;
    std::string_view bytes;
};
// Of any type that holds whole numbers; nullopt: it is none, or does not fit.
std::optional<std::int64_t> read_integer(const PgValue& value);

// The values of one execution. Texts and bytes are views until they are sent; what has to be
// written another way than it was given is kept here.
class PgParameters {
 public:
    void set_integer(int index, std::int64_t value);  // they count from 1
    void set_text(int index, std::string_view value);
    void set_bytes(int index, std::string_view value);
    void set_array(int index, unsigned type, std::string encoded);
    void set_null(int index);
    void clear();

    // As libpq wants them, until the next change.
    struct Sendable {
        int count = 0;
        const unsigned* types = nullptr;
        const char* const* values = nullptr;
        const int* lengths = nullptr;
        const int* formats = nullptr;
    };
    Sendable sendable();
    // What was said about types; kUnknown where all that is known is that there is no value.
    std::span<const unsigned> types();

 private:
    struct Slot {
        unsigned type = pg_type::kUnknown;
        enum class Holds { nothing, view, own } holds = Holds::nothing;
        std::string_view view;
        std::string own;
    };
    Slot& slot(int index);

    std::vector<Slot> slots_;  // of these, the first so many are in use
    std::size_t count_ = 0;
    std::vector<unsigned> types_;
    std::vector<const char*> values_;
    std::vector<int> lengths_;
    std::vector<int> formats_;
};

// A column of values for unnest(), so that one statement takes a whole batch.
class PgArray {
 public:
    static PgArray integers() { return PgArray{pg_type::kInteger8}; }
    static PgArray texts() { return PgArray{pg_type::kText}; }
    static PgArray byte_strings() { return PgArray{pg_type::kBytes}; }

    void add(std::int64_t value);
    void add(std::string_view value);  // text or bytes, as the array is
    void add_null();
    // Of the array, for a parameter; the array is empty afterwards.
    unsigned type() const;
    std::string take();

 private:
    explicit PgArray(unsigned element_type);

    unsigned element_type_;
    std::size_t count_ = 0;
    std::string encoded_;
};

}  // namespace postern::storage

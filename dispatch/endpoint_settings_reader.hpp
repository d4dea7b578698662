#pragma once

#include "core/json_document.hpp"
#include "dispatch/endpoint.hpp"
#include "dispatch/endpoint_settings.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace postern::dispatch {

// Reads one field after the other, and remembers what is wrong with them.
class EndpointSettingsReader {
 public:
    // What the store gives was judged when it was taken in. It must not become unreadable because
    // a word was added to our vocabulary since.
    enum class Source : std::uint8_t { merchant, store };

    EndpointSettingsReader(EndpointSettings& settings, Source source)
        : settings_{settings}, source_{source} {}

    void read(JsonValue object);
    std::vector<FieldComplaint> finish() { return std::move(complaints_); }

 private:
    struct Field;
    static const std::vector<Field>& fields();

    void complain(std::string_view field, std::string_view message);
    void complain_unknown(std::string_view field);
    void read_member(const JsonMember& member);

    struct Bounds {
        std::int64_t min;
        std::int64_t max;
    };
    std::int64_t read_integer(const JsonMember& member, Bounds bounds, std::int64_t otherwise);
    std::chrono::seconds read_seconds(const JsonMember& member, Bounds bounds);
    std::string read_text(const JsonMember& member, std::size_t bytes_max);
    template <class Choice>
    struct Named {
        std::string_view name;
        Choice value;
    };
    template <class Choice, std::size_t N>
    void read_choice(const JsonMember& member, const Named<Choice> (&choices)[N], Choice& target);

    void read_description(const JsonMember& member);
    void read_event_types(const JsonMember& member);
    void check_event_type(std::string_view place, std::string_view type);
    void read_channels(const JsonMember& member);
    void read_filter(const JsonMember& member);
    void read_format(const JsonMember& member);
    void read_payload(const JsonMember& member);
    void read_ordering(const JsonMember& member);
    void read_deliver(const JsonMember& member);
    void read_signing(const JsonMember& member);
    void read_retry(const JsonMember& member);
    RetryPolicy read_policy(JsonValue value, const std::string& place);
    void read_delays(JsonValue list, const std::string& place, RetryPolicy& policy);
    void read_retry_by_type(const JsonMember& member);
    void read_timeout(const JsonMember& member);
    void read_max_hold(const JsonMember& member);
    void read_rate(const JsonMember& member);
    void read_in_flight(const JsonMember& member);
    void read_headers(const JsonMember& member);
    void check_header(const HttpField& header);
    void read_metadata(const JsonMember& member);
    std::string read_certificates(const JsonMember& member);
    void read_ca_certificates(const JsonMember& member);
    void read_client_certificate(const JsonMember& member);
    void read_api_version(const JsonMember& member);

    EndpointSettings& settings_;
    Source source_;
    EndpointSettingsLimits limits_;
    std::vector<FieldComplaint> complaints_;
};

}  // namespace postern::dispatch

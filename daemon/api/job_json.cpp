#include "daemon/api/job_json.hpp"

#include "daemon/api/replies.hpp"
#include "daemon/job_steps.hpp"

namespace postern::daemon {

void append_job(JsonWriter& writer, const storage::JobRow& job, const IdCodec& ids) {
    writer.begin_object();
    writer.member("id", ids.encode(job.id));
    writer.member("object", "job");
    writer.member("kind", to_text(job.kind));
    writer.member("state", to_text(job.state));
    writer.member_or_null("endpoint_id", job.endpoint ? ids.encode(*job.endpoint) : std::string{});
    writer.key("progress");
    writer.begin_object();
    writer.member_integer("percent", percent_done(job));
    writer.member_integer("looked_at", job.looked_at);
    writer.key("total");
    const bool known = job.total > 0 || job.state == storage::JobState::finished;
    known ? writer.integer(job.total) : writer.null();
    writer.member_integer("scheduled", job.scheduled);
    writer.end_object();
    writer.member_or_null("error", job.error);
    writer.member("created_at", to_iso8601(job.created_at));
    writer.member("updated_at", to_iso8601(job.updated_at));
    writer.end_object();
}

HttpReply job_reply(const storage::JobRow& job, const IdCodec& ids) {
    std::string body;
    JsonWriter writer{body};
    append_job(writer, job, ids);
    return json_reply(std::move(body));
}

}  // namespace postern::daemon

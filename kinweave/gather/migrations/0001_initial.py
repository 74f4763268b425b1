import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("house", "0002_signing"),
    ]

    operations = [
        migrations.CreateModel(
            name="Circle",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("host_id", models.UUIDField(null=True)),
                ("name", models.CharField(max_length=120)),
                ("weekday", models.SmallIntegerField(null=True)),
                ("rules", models.BinaryField(null=True)),
                ("with_aliases", models.BooleanField(default=False)),
                ("state", models.CharField(default="open", max_length=20)),
                ("begun_on", models.DateField()),
                ("ended_on", models.DateField(null=True)),
                ("end_reason", models.CharField(default="", max_length=20)),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="house.organisation"
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="house.place"
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="house.programme"
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="house.team"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Meeting",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("on", models.DateField()),
                ("head_count", models.SmallIntegerField()),
                ("new_count", models.SmallIntegerField(default=0)),
                ("kinds", models.JSONField(default=dict)),
                ("aliases", models.BinaryField(null=True)),
                ("written_by", models.UUIDField(null=True)),
                ("written_at", models.DateTimeField()),
                ("sheet", models.CharField(default="", max_length=40)),
                ("undone_at", models.DateTimeField(null=True)),
                (
                    "circle",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="gather.circle"
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="circle",
            index=models.Index(fields=["host_id", "state"], name="circle_host"),
        ),
        migrations.AddIndex(
            model_name="circle",
            index=models.Index(fields=["team", "state"], name="circle_team"),
        ),
        migrations.AddIndex(
            model_name="circle",
            index=models.Index(fields=["organisation", "state"], name="circle_organisation"),
        ),
        migrations.AddIndex(
            model_name="meeting",
            index=models.Index(fields=["circle", "-on"], name="meeting_circle"),
        ),
    ]
